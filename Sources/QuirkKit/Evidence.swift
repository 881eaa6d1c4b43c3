public import SMTPWire

/// What the words of a reply are evidence of. The lists stand in QUIRKS.md 2.2.
extension Reply {
    /// 503, or 500 and 501 in its place: "bad sequence of commands". Whether it is right depends on what went before.
    public var isSequenceError: Bool { [500, 501, 503].contains(self.code) }

    /// It speaks of this connection or session having had its share of messages: a new connection is what it asks for.
    public var namesThisSession: Bool {
        let text = self.text.lowercased()
        guard !Self.limitsOfOtherKinds.contains(where: text.contains) else { return false }
        return Self.sessionLimits.contains { $0.allSatisfy(text.contains) }
    }

    /// A policy code (RFC 3463 x.7.x), greylisting, or a limit per hour, day, address or recipient: to reconnect after these is evasion.
    public var isPolicy: Bool {
        if self.enhanced?.subject == 7 { return true }
        let text = self.text.lowercased()
        return Self.limitsOfOtherKinds.contains(where: text.contains)
    }

    /// An idle time-out, whose 421 crossed our command: a new connection is right, and nothing is learned.
    public var speaksOfIdleness: Bool {
        let text = self.text.lowercased()
        return ["timeout", "time-out", "timed out", "idle", "inactiv"].contains(where: text.contains)
    }

    /// Every word of one line must be in the text.
    private static let sessionLimits: [[String]] = [
        ["messages", "connection"], ["message", "per connection"], ["messages", "session"], ["message", "per session"], ["messages", "conversation"],
        ["mails", "connection"], ["mails", "session"], ["transactions", "connection"], ["transactions", "session"],
        ["connection time"], ["session", "lifetime"], ["batch limit"], ["too many errors"],
    ]

    private static let limitsOfOtherKinds: [String] = [
        "greylist", "graylist", "grey list", "too many connections", "concurrent", "simultaneous", "connection rate", "recipient", "per hour",
        "per day", "per minute", "an hour", "daily", "hourly", "from your ip", "from your address", "from your host", "try again later",
    ]
}

extension Command {
    /// Whether a 503 to this command says that the message before is in the way: at `MAIL` only after a completed message on this connection,
    /// at `RCPT` only after this `MAIL` was accepted, at `DATA` and `BDAT` only after a recipient was.
    public func isRefusedOutOfTurn(given facts: Facts) -> Bool {
        guard facts.messages > 0 else { return false }
        return switch self.body {
        case .mail: true
        case .rcpt: facts.mailAccepted
        case .data, .bdat: facts.recipientsAccepted > 0
        case .ehlo, .helo, .rset, .noop, .quit, .starttls, .auth, .vrfy, .expn, .help, .other, .malformed: false
        }
    }
}
