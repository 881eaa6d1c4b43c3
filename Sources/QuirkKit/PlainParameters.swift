public import SMTPWire

/// Parameters of `MAIL` and `RCPT` whose loss loses nothing that the sender asked for, and refusals that are about them.
extension Parameter {
    /// Whether the message is the same without it.
    ///
    /// SIZE (RFC 1870) is advice, AUTH= (RFC 4954 §5) an identity that nobody has to trust, BODY=7BIT (RFC 6152) the default. Of DSN (RFC 3461) a host that
    /// does not offer it keeps nothing anyhow: RET, ENVID and ORCPT may go there, and NOTIFY where it asks for no more than is usual. What the sender wants
    /// to be spared (NOTIFY=NEVER) or told (NOTIFY=SUCCESS) is never dropped.
    /// - Parameter offered: the latest EHLO's keywords; nil after HELO.
    public func isDispensable(where offered: Keywords?) -> Bool {
        switch self.keyword {
        case "SIZE", "AUTH": true
        case "BODY": self.value?.uppercased() == "7BIT"
        case "RET", "ENVID", "ORCPT": offered?.contains("DSN") != true
        case "NOTIFY": offered?.contains("DSN") != true && self.asksForUsualNotification
        default: false
        }
    }

    private var asksForUsualNotification: Bool {
        let wanted = Set((self.value ?? "").uppercased().split(separator: ","))
        return wanted.contains("FAILURE") && wanted.isSubset(of: ["FAILURE", "DELAY"])
    }

    /// Whether the host said that it knows it (the EHLO keyword of RFC 1870, 4954, 6152, 3461).
    public func isOffered(by keywords: Keywords?) -> Bool {
        guard let keywords else { return false }
        return switch self.keyword {
        case "SIZE", "AUTH": keywords.contains(self.keyword)
        case "BODY": keywords.contains("8BITMIME")
        case "RET", "ENVID", "ORCPT", "NOTIFY": keywords.contains("DSN")
        default: true
        }
    }
}

extension Command {
    /// Parameters of `MAIL` or `RCPT`.
    public var parameters: [Parameter] {
        switch self.body {
        case .mail(let mail): mail.parameters
        case .rcpt(let recipient): recipient.parameters
        case .ehlo, .helo, .data, .bdat, .rset, .noop, .quit, .starttls, .auth, .vrfy, .expn, .help, .other, .malformed: []
        }
    }

    /// Rendered anew without those of the parameters that are dispensable; itself where there are none.
    public func without(_ names: Set<String>, where offered: Keywords?) -> Command {
        let dropped = Set(self.parameters.filter { names.contains($0.keyword) && $0.isDispensable(where: offered) }.map(\.keyword))
        guard !dropped.isEmpty else { return self }
        return switch self.body {
        case .mail(let mail): mail.without(dropped).command
        case .rcpt(let recipient): recipient.without(dropped).command
        case .ehlo, .helo, .data, .bdat, .rset, .noop, .quit, .starttls, .auth, .vrfy, .expn, .help, .other, .malformed: self
        }
    }
}

extension Reply {
    /// Refuses a parameter: 555 (RFC 5321 §4.1.1.11); or 501 and 504 with 5.5.4 or in words. Never 552, nor codes of an address or of a size.
    public var mayRefuseParameter: Bool {
        if let enhanced, enhanced.subject != 5 || ![0, 4].contains(enhanced.detail) { return false }
        switch self.code {
        case 555: return true
        case 501, 504: return self.enhanced?.detail == 4 || Words(ofItself: self.text).contain(anyOf: Vocabulary.parameters)
        default: return false
        }
    }

    /// Whether it names a parameter: "Unsupported option: SIZE".
    public func names(_ parameter: Parameter) -> Bool {
        let words = Words(ofItself: self.text)
        return words.contain(anyOf: [" \(parameter.keyword.lowercased()) ", " \(parameter.keyword.lowercased())="])
    }

    /// Refuses one recipient more of this message: x.5.3 (RFC 3463), or in words. Never a limit per hour or day, nor one of several messages.
    public var saysTooManyRecipientsOfMessage: Bool {
        guard !self.isAboutMailbox, self.enhanced?.subject != 7 || Words(ofItself: self.text).contain(anyOf: Vocabulary.tooManyRecipients),
            !self.isQuota
        else { return false }
        if let enhanced, enhanced.subject == 5, enhanced.detail == 3 { return true }
        return Words(ofItself: self.text).contain(anyOf: Vocabulary.tooManyRecipients)
    }
}

extension Reply {
    /// Whether one of these stands in it as a word of its own, in lower case.
    public func speaks(of words: [String]) -> Bool {
        // Words of letters and digits ("8bitmime") are names to `Words`, and are looked for as they stand.
        let all = Set(self.text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
        return Words(ofItself: self.text).contain(anyOf: words.map { " \($0) " })
            || words.contains { word in word.contains(where: \.isNumber) && all.contains(word) }
    }
}
