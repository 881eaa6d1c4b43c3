import QuirkKit
import Rules
import SMTPWire

/// What a probe found: quirks that Mailshim repairs, and facts. It claims only what the replies show.
struct ProbeReport {
    let remote: SocketEndpoint
    /// Whether the host spoke with us at all.
    private(set) var isProbed = false
    private var quirks: [String] = []
    private var facts: [(name: String, text: String)] = []
    private var isClosed = false

    init(remote: SocketEndpoint) { self.remote = remote }

    // MARK: Step by step

    mutating func greeted(_ heard: Heard) {
        self.isProbed = heard.isPositive
        self.note("greeting", heard.isPositive ? self.greeting(heard) : "refused, or none: \(heard.words)")
    }

    private func greeting(_ heard: Heard) -> String {
        guard case .reply(let reply) = heard else { return heard.words }
        if reply.text.contains("*"), reply.text.utf8.allSatisfy({ "20* ".utf8.contains($0) }) {
            return "masked with asterisks: a firewall stands before it (Cisco PIX or ASA)"
        }
        return reply.lines.count > 1 ? "\(reply.lines.count) lines; \(reply.line)" : reply.line
    }

    mutating func offered(_ heard: Heard) {
        guard case .reply(let reply) = heard, reply.isPositive else { return self.note("EHLO", "refused: \(heard.words)") }
        let keywords = Keywords(reply)
        self.note("offers", keywords.all.isEmpty ? "nothing" : keywords.all.map(\.text).joined(separator: ", "))
        guard let most = keywords.limits.mailMax else { return }
        self.quirks.append("message-limit messages=\(most): the host announces it (LIMITS MAILMAX, RFC 9422), and Mailshim obeys by itself")
    }

    mutating func fellBack(_ heard: Heard) { self.note("HELO", heard.isPositive ? "accepted where EHLO was not" : "refused too: \(heard.words)") }

    /// - Returns: whether there is any sense in going on.
    mutating func took(_ heard: Heard) -> Bool {
        self.note("MAIL", heard.isPositive ? "accepted" : "refused: \(heard.words); what follows it could not be tried")
        self.close(heard)
        return heard.isPositive
    }

    mutating func reset(_ heard: Heard) {
        self.note("RSET", heard.isPositive ? "accepted" : "refused: \(heard.words)")
        self.close(heard)
    }

    /// - Returns: whether there is any sense in going on.
    mutating func tookAgain(_ heard: Heard) -> Bool {
        guard !self.isClosed else { return false }
        self.note("MAIL after RSET", heard.isPositive ? "accepted" : "refused: \(heard.words)")
        if !heard.isPositive, self.isLimit(heard) {
            self.quirks.append(
                """
                message-limit, by all appearance: a connection takes no second MAIL, though RSET came before it (\(heard.words)).
                    Mailshim learns it from the first real message; to have it from the start:
                    [address."\(self.remote.host)"]
                    quirks = ["message-limit"]
                """)
        }
        self.close(heard)
        return heard.isPositive
    }

    mutating func nested(_ heard: Heard) {
        self.note("MAIL after MAIL", heard.isPositive ? "accepted: it replaces the first" : "refused, as it may be: \(heard.words)")
        self.close(heard)
    }

    mutating func resetAtEnd(_ heard: Heard) {
        guard !self.isClosed else { return }
        self.note("RSET then", heard.isPositive ? "accepted" : "refused: \(heard.words)")
        self.close(heard)
    }

    mutating func left(_ heard: Heard) {
        guard !self.isClosed else { return }
        self.note("QUIT", heard.isPositive ? "answered" : "not answered: \(heard.words)")
    }

    private mutating func note(_ name: String, _ text: String) { self.facts.append((name, text)) }

    private mutating func close(_ heard: Heard) {
        if case .nothing = heard { self.isClosed = true }
    }

    /// What says that this connection has had its share: a sequence error although nothing is open, a limit by name, 421 that is no policy, or a close.
    private func isLimit(_ heard: Heard) -> Bool {
        switch heard {
        case .reply(let reply): reply.isSequenceError || reply.namesThisSession || (reply.code == 421 && !reply.isPolicy)
        case .nothing(.closed), .nothing(.lost): true
        case .nothing: false
        }
    }

    // MARK: In words

    var text: String {
        let untested = "Cannot be tested without sending a message: sticky-sender, message-limit after a completed message."
        var lines = self.quirks.isEmpty ? ["No quirk found. \(untested)"] : ["Quirks:"] + self.quirks.map { "  \($0)" }
        if !self.isProbed { lines = ["It does not talk to us, so nothing can be said of its quirks."] }
        let width = (self.facts.map(\.name.count).max() ?? 0) + 2
        lines += ["", "Facts:"] + self.facts.map { "  \($0.name.padded(to: width))\($0.text)" }
        guard self.isProbed else { return lines.joined(separator: "\n") }
        lines += ["", (self.quirks.isEmpty ? "" : "\(untested) ") + "STARTTLS was not tried. No message was sent."]
        return lines.joined(separator: "\n")
    }
}
