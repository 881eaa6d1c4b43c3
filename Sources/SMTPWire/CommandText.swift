// How a command is named and shown. No secret is ever in it (law 10).

extension Command: CustomStringConvertible, CustomDebugStringConvertible {
    /// "MAIL", "RCPT", …: upper case, at most 16 characters; "" where the line does not begin with one.
    public var verb: String {
        switch self.body {
        case .ehlo: "EHLO"
        case .helo: "HELO"
        case .mail: "MAIL"
        case .rcpt: "RCPT"
        case .data: "DATA"
        case .bdat: "BDAT"
        case .rset: "RSET"
        case .noop: "NOOP"
        case .quit: "QUIT"
        case .starttls: "STARTTLS"
        case .auth: "AUTH"
        case .vrfy: "VRFY"
        case .expn: "EXPN"
        case .help: "HELP"
        case .other(let verb): String(verb.prefix(16))
        case .malformed: self.firstWord
        }
    }

    /// The line without its CRLF, for logs: printable, non-ASCII kept where it is UTF-8, at most 200 characters, nothing of an `AUTH` but its mechanism.
    public var text: String {
        switch self.body {
        case .auth(let mechanism):
            let bare = "AUTH ".utf8.count + mechanism.utf8.count + 2
            return self.bytes.count > bare ? "AUTH \(mechanism) ***" : "AUTH \(mechanism)"
        case .malformed where self.firstWord == "AUTH":
            return "AUTH ***"
        case .malformed(.bareLF), .malformed(.bareCR), .malformed(.nul):
            // Behind it another line may hide, and a secret in that.
            return String(printable: self.bytes.prefix { $0 != .lf && $0 != .cr && $0 != .nul }, limit: 200) + "?…"
        case .ehlo, .helo, .mail, .rcpt, .data, .bdat, .rset, .noop, .quit, .starttls, .vrfy, .expn, .help, .other, .malformed:
            return String(printable: self.bytes.dropLast(2), limit: 200)
        }
    }

    /// Whether a CR or LF alone stands in it, or too much to be a command: more than one line may have been meant.
    public var hasBareLineEnd: Bool {
        switch self.body {
        case .malformed(.bareLF), .malformed(.bareCR), .malformed(.tooLong): true
        case .malformed, .ehlo, .helo, .mail, .rcpt, .data, .bdat, .rset, .noop, .quit, .starttls, .auth, .vrfy, .expn, .help, .other: false
        }
    }

    /// Whether one of these was a DATA or `BDAT`, so that what follows is content (law 8).
    public var mayHideContent: Bool {
        self.bytes.split { $0 == .cr || $0 == .lf || $0 == .nul }.contains { line in
            let word = line.drop { $0.isBlank }.prefix { !$0.isBlank }.map(\.upperCased)
            return word == Array("DATA".utf8) || word == Array("BDAT".utf8)
        }
    }

    public var description: String { self.text }
    public var debugDescription: String { self.text }

    private var firstWord: String {
        let word = self.bytes.drop { $0.isBlank }.prefix { $0.isLetter || $0.isDigit || $0 == .hyphen }
        return String(decoding: word.prefix(16).map(\.upperCased), as: UTF8.self)
    }
}

extension String {
    /// What `octets` say, with "?" for what cannot be shown, cut to `limit` characters.
    init(printable octets: some Collection<UInt8>, limit: Int) {
        let shown = String(decoding: octets.prefix(limit * 4), as: UTF8.self)
        var text = ""
        for scalar in shown.unicodeScalars.prefix(limit) {
            switch scalar.properties.generalCategory {
            case _ where scalar.isUnseen: text.unicodeScalars.append("?")
            case .surrogate, .unassigned, .privateUse: text.unicodeScalars.append("?")
            default: text.unicodeScalars.append(scalar == "\u{FFFD}" ? "?" : scalar)
            }
        }
        if shown.unicodeScalars.count > limit { text += "…" }
        self = text
    }
}
