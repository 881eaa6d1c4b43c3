/// The grammar of command lines, RFC 5321 §4.1.2, read with tolerance: lower case, blanks around arguments, paths without angle brackets.
enum CommandSyntax {
    /// - Parameter bytes: a line that ends in CRLF.
    static func body(of bytes: [UInt8]) -> Command.Body {
        let end = bytes.count - 2
        if let fault = Self.fault(in: bytes[..<end]) { return .malformed(fault) }
        var words = WordReader(bytes, end: end)
        guard let verb = words.verb() else { return .malformed(words.isForeignStart ? .foreign : .noVerb) }
        switch verb {
        case Self.mail: return words.mail()
        case Self.rcpt: return words.recipient()
        case Self.data: return words.nothing(.data)
        case Self.rset: return words.nothing(.rset)
        case Self.quit: return words.nothing(.quit)
        case Self.bdat: return words.chunk()
        case Self.ehlo: return .ehlo(words.host())
        case Self.helo: return .helo(words.host())
        case Self.noop: return .noop
        case Self.starttls: return words.nothing(.starttls)
        case Self.auth: return words.mechanism()
        case Self.vrfy: return .vrfy
        case Self.expn: return .expn
        case Self.help: return .help
        default:
            let other = words.upperCased(words.start..<words.index)
            return Self.isHTTP(other, bytes) ? .malformed(.foreign) : .other(other)
        }
    }

    /// The line without its end; nil for what has no line of its own.
    static func render(_ body: Command.Body) -> String? {
        switch body {
        case .ehlo(let name): name.isEmpty ? "EHLO" : "EHLO \(name)"
        case .helo(let name): name.isEmpty ? "HELO" : "HELO \(name)"
        case .mail(let mail): Self.render("MAIL FROM", mail.reversePath, mail.parameters)
        case .rcpt(let recipient): Self.render("RCPT TO", recipient.forwardPath, recipient.parameters)
        case .data: "DATA"
        case .bdat(let chunk): chunk.last ? "BDAT \(chunk.octets) LAST" : "BDAT \(chunk.octets)"
        case .rset: "RSET"
        case .noop: "NOOP"
        case .quit: "QUIT"
        case .starttls: "STARTTLS"
        case .auth(let mechanism): "AUTH \(mechanism)"
        case .vrfy: "VRFY"
        case .expn: "EXPN"
        case .help: "HELP"
        case .other(let verb): verb
        case .malformed: nil
        }
    }

    private static func render(_ verb: String, _ path: String, _ parameters: [Parameter]) -> String {
        parameters.reduce("\(verb):<\(path)>") { "\($0) \($1)" }
    }

    /// What must not be in any line; the first such octet counts.
    private static func fault(in line: ArraySlice<UInt8>) -> CommandFault? {
        var all = UInt8(0)
        for octet in line {
            all |= octet
            guard octet <= .cr else { continue }
            switch octet {
            case .lf: return .bareLF
            case .cr: return .bareCR
            case .nul: return .nul
            default: break
            }
        }
        return all < 0x80 || String(validating: line, as: UTF8.self) != nil ? nil : .notUTF8
    }

    /// As Postfix's `smtpd_forbidden_commands`: a browser, or a server's request that somebody else wrote, can be made to carry a session in its body.
    private static func isHTTP(_ verb: String, _ bytes: [UInt8]) -> Bool {
        if Self.methods.contains(verb) { return true }
        guard let blank = bytes.dropLast(2).lastIndex(where: \.isBlank) else { return false }
        return bytes[(blank + 1)...].starts(with: Array("HTTP/".utf8))
    }

    /// RFC 9110 §9, RFC 5789; PRI begins HTTP/2 (RFC 9113 §3.4).
    private static let methods: Set = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PRI", "PUT", "TRACE"]

    // Verbs as numbers, so that a line's first word is compared without making a string of it.
    private static let ehlo = number("EHLO"), helo = number("HELO"), mail = number("MAIL"), rcpt = number("RCPT")
    private static let data = number("DATA"), bdat = number("BDAT"), rset = number("RSET"), noop = number("NOOP")
    private static let quit = number("QUIT"), starttls = number("STARTTLS"), auth = number("AUTH"), vrfy = number("VRFY")
    private static let expn = number("EXPN"), help = number("HELP")

    private static func number(_ verb: StaticString) -> UInt64 {
        verb.withUTF8Buffer { $0.reduce(0) { $0 << 8 | UInt64($1) } }
    }
}
