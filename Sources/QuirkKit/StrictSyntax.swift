public import SMTPWire

/// `MAIL` and `RCPT` in the grammar of RFC 5321 §4.1.1.2 and §4.1.1.3, and refusals that may be about it.
extension Command {
    /// `MAIL` or `RCPT` as the RFC writes it: no blank behind the colon or at the end, the path in angle brackets.
    /// Itself, octet for octet, where it is so already; upper or lower case is all the same.
    public var strict: Command {
        switch self.body {
        case .mail, .rcpt: break
        case .ehlo, .helo, .data, .bdat, .rset, .noop, .quit, .starttls, .auth, .vrfy, .expn, .help, .other, .malformed:
            return self
        }
        let rendered = Command(self.body)
        guard rendered.body == self.body,
            !rendered.bytes.elementsEqual(self.bytes, by: { $0.lowerCased == $1.lowerCased })
        else { return self }
        return rendered
    }
}

extension Reply {
    /// Refuses how a `MAIL` or `RCPT` is written: 500, 501 or 555 without an enhanced code, with x.5.z of syntax, or with
    /// x.1.3 or x.1.7 (RFC 3463: the syntax of an address). Never with words of policy or of a limit.
    public var mayRefuseSyntax: Bool {
        let words = Words(of: self.text)
        // "Bad recipient address syntax" is no word of who tries out addresses.
        guard [500, 501, 555].contains(self.code), words.contain(anyOf: [" syntax "]) || !self.isQuota,
            !words.contain(anyOf: Vocabulary.policies)
        else { return false }
        guard let enhanced else { return true }
        return switch (enhanced.subject, enhanced.detail) {
        case (5, 0), (5, 1), (5, 2), (5, 4), (1, 3), (1, 7): true
        default: false
        }
    }
}

extension UInt8 {
    fileprivate var lowerCased: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
