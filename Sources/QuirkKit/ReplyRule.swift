public import SMTPWire

/// What the gateway hears in place of a reply of the host's, where that answers a certain command and matches a pattern (`reply-rewrite`).
///
/// A refusal stays one: what is positive or intermediate keeps its code (law 1), and so does what is no refusal afterwards.
public struct ReplyRule: Hashable, Sendable {
    /// What a reply answers.
    public enum Place: String, Hashable, Sendable, CaseIterable {
        /// The greeting.
        case connect = "CONNECT"
        /// A refusal of EHLO or HELO; the list of keywords is never touched.
        case ehlo = "EHLO"
        case starttls = "STARTTLS"
        case auth = "AUTH"
        case mail = "MAIL"
        case rcpt = "RCPT"
        /// DATA, or a chunk that is not the last.
        case data = "DATA"
        /// The end of the mail data, or the last chunk.
        case end = "END"
        case rset = "RSET"
        /// Any of these, and any other command.
        case any = "ANY"
    }

    /// Octets of a line with its code and CRLF (RFC 5321 §4.5.3.1.5).
    static let line = 512

    public let place: Place
    public let pattern: Pattern
    /// Of a refusal, 400 to 599; nil: it stays.
    public let code: Int?
    /// Nil: it stays, with the class of the code.
    public let enhanced: EnhancedCode?
    /// In one line; nil: it stays, in all its lines.
    public let text: ReplyText?

    public init(
        on place: Place, match pattern: Pattern, code: Int? = nil, enhanced: EnhancedCode? = nil, text: ReplyText? = nil
    ) {
        self.place = place
        self.pattern = pattern
        self.code = code.flatMap { (400...599).contains($0) ? $0 : nil }
        self.enhanced = enhanced
        self.text = text
    }

    /// The host's reply as the gateway is to hear it; nil: this rule has nothing to say of it.
    /// - Parameter place: what it answers; `.any`: a command without a place of its own.
    public func rewritten(_ reply: Reply, at place: Place) -> Reply? {
        guard self.place == .any || self.place == place else { return nil }
        // The list of keywords has its own quirk (`hide-extension`).
        if place == .ehlo, reply.code < 400 { return nil }
        if self.code != nil, reply.code < 400 { return nil }
        let code = self.code ?? reply.code
        if let enhanced, enhanced.klass != code / 100 { return nil }
        guard let found = self.pattern.match(in: reply.octets) else { return nil }
        let lines = self.text.map { [$0.filled(with: found, room: Self.line - 6)] } ?? reply.lines
        let changed = Reply(code, lines.map { self.line($0, of: reply, code) }.joined(separator: "\n")).ofRemote
        return changed == reply ? nil : changed
    }

    /// A line with the enhanced code that it is to have: the rule's; else its own, or where the whole text is new the old one's, with the class of the code.
    private func line(_ line: String, of reply: Reply, _ code: Int) -> String {
        let own = EnhancedCode(in: line.utf8)
        if self.text != nil, own != nil { return line }
        guard let kept = self.enhanced ?? own ?? (self.text == nil ? nil : EnhancedCode(in: reply.text.utf8)) else { return line }
        guard [2, 4, 5].contains(code / 100) else { return line }
        let told = self.enhanced ?? EnhancedCode(klass: self.code == nil ? kept.klass : code / 100, subject: kept.subject, detail: kept.detail)
        let rest = own == nil ? line[...] : line.drop { $0 != " " }.dropFirst()
        return rest.isEmpty ? told.description : "\(told) \(rest)"
    }
}

extension Reply {
    /// What patterns look at: its code, a blank, and the text of all lines joined by blanks.
    var octets: [UInt8] { Array("\(self.code) \(self.text)".utf8) }
}
