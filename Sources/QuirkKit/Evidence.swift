public import SMTPWire

/// What a refusal is evidence of, by its code and its words. Tests/PluginTests/EvidenceTests.swift has what real hosts say.
extension Reply {
    /// 503, or 500 and 501 in its place: "bad sequence of commands". Whether it is right depends on what went before (`Command.isRefusedOutOfTurn`).
    public var isSequenceError: Bool { [500, 501, 503].contains(self.code) }

    /// It speaks of this connection or session having had its share, of messages or of time: a new connection is what it asks for.
    public var namesThisSession: Bool {
        let words = self.words
        guard !words.contains(anyOf: Self.otherLimits) else { return false }
        if words.contains(anyOf: Self.ends) { return true }
        return words.contains(anyOf: Self.messages) && words.contains(anyOf: Self.thisSession) && words.contains(anyOf: Self.excess)
    }

    /// A policy code (RFC 3463 x.7.x), greylisting, or a limit per hour, day, address or recipient: to reconnect after these is evasion.
    /// A limit of this session may come with a policy code too: ask `namesThisSession` first.
    public var isPolicy: Bool { self.enhanced?.subject == 7 || self.words.contains(anyOf: Self.otherLimits) }

    /// An idle time-out, whose 421 crossed our command: a new connection is right, and nothing is learned.
    public var speaksOfIdleness: Bool {
        self.words.contains(anyOf: [" timeout ", " time-out ", " timed out ", " timed-out ", " idle ", " idling ", " inactiv"])
    }

    private static let messages = [
        " message ", " messages ", " mail ", " mails ", " email ", " emails ", " e-mail ", " e-mails ", " transaction ", " transactions ",
    ]

    /// "per session", "in this connection", ...: not "closing connection", nor "unencrypted connections".
    private static let thisSession = ["per", "this", "each", "one", "a single", "the same"].flatMap { which in
        ["connection", "session", "conversation"].map { " \(which) \($0) " }
    }

    private static let excess = [" too many ", " max", " limit", " exceed", " reached ", " only ", " no more "]

    private static let ends = [
        " connection time ", " connection lifetime ", " session lifetime ", " session maximum lifetime ", " batch limit ", " too many errors ",
    ]

    private static let otherLimits = [
        " greylist ", " greylisted ", " greylisting ", " graylist ", " graylisted ", " graylisting ", " grey list ", " gray list ",
        " try again later ", " try later ", " too many connections ", " concurrent", " simultaneous", " rate ", " throttl", " too fast ",
        " too quickly ", " slow down ", " recipient", " per hour ", " an hour ", " this hour ", " hourly ", " per day ", " a day ", " today ",
        " daily ", " per minute ", " per second ", " ip ", " your address ", " your host ", " your domain ",
    ]

    /// Its text in lower case, with one space before and behind each word and no punctuation around it; the names of hosts stay one word.
    private var words: String {
        let words = self.text.lowercased().split { $0 == " " || ",;:!?()[]<>\"'/".contains($0) }
        return words.map(\.withoutStops).filter { $0 != "smtp" }.reduce(into: " ") { $0 += $1 + " " }
    }
}

extension Substring {
    /// Without full stops and dashes around it.
    fileprivate var withoutStops: Substring {
        let isStop = { $0 == "." || $0 == "-" } as (Character) -> Bool
        var word = self.drop(while: isStop)
        while let last = word.last, isStop(last) { word.removeLast() }
        return word
    }
}

extension String {
    fileprivate func contains(anyOf phrases: [String]) -> Bool { phrases.contains { self.contains($0) } }
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
