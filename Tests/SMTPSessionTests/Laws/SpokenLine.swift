/// A command line as a server of RFC 5321 §4.1.1 reads it: verb, path, parameters. Written for the tests alone, so that the engine is not judged by itself.
struct SpokenLine: Hashable {
    /// Without CRLF.
    let octets: [UInt8]
    /// In upper case; "" where the line has none.
    let verb: String
    /// Between the angle brackets of `MAIL` and `RCPT`; nil where there are none.
    let path: String?
    /// `MAIL` and `RCPT`: as they came, in order.
    let parameters: [String]
    /// `BDAT n [LAST]`.
    let chunk: Chunk?

    struct Chunk: Hashable {
        let count: Int
        let isLast: Bool
    }

    init(_ octets: [UInt8]) {
        self.octets = octets
        let words = octets.split { $0 == 0x20 || $0 == 0x09 }
        let verb = words.first.map { String(decoding: $0, as: UTF8.self).uppercased() } ?? ""
        self.verb = String(verb.prefix { $0 != ":" })
        var path: String?
        var parameters: [String] = []
        if ["MAIL", "RCPT"].contains(self.verb), let open = octets.firstIndex(of: UInt8(ascii: "<")),
            let close = octets[open...].firstIndex(of: UInt8(ascii: ">"))
        {
            path = String(decoding: octets[(open + 1)..<close], as: UTF8.self)
            parameters = octets[(close + 1)...].split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
        }
        self.path = path
        self.parameters = parameters
        self.chunk = self.verb == "BDAT" ? Self.chunk(words.dropFirst().map { String(decoding: $0, as: UTF8.self) }) : nil
    }

    private static func chunk(_ arguments: [String]) -> Chunk? {
        guard let first = arguments.first, first.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(first) else { return nil }
        if arguments.count == 1 { return Chunk(count: count, isLast: false) }
        return arguments.count == 2 && arguments[1].uppercased() == "LAST" ? Chunk(count: count, isLast: true) : nil
    }

    /// Which of the gateway's messages it belongs to, where the line says so (`<m7@…>`, `<r7.0@…>`).
    var message: Int? {
        guard let path, let first = path.utf8.first, first == UInt8(ascii: "m") || first == UInt8(ascii: "r") else { return nil }
        return Int(path.dropFirst().prefix { $0.isASCII && $0.isNumber })
    }

    /// What is wrong with it as a line of Mailshim's (law 8): it would not be read as what it is.
    var fault: String? {
        if self.octets.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) { return "a bare CR, LF or NUL" }
        if self.octets.count > 2046 { return "too long" }
        switch self.verb {
        case "MAIL" where self.path == nil, "RCPT" where self.path?.isEmpty != false: return "no path"
        case "BDAT" where self.chunk == nil: return "no chunk"
        case "EHLO", "HELO", "MAIL", "RCPT", "BDAT", "RSET", "NOOP", "QUIT", "DATA", "VRFY", "EXPN", "HELP", "STARTTLS", "AUTH", "XSECRET": return nil
        default: return "an unknown verb"
        }
    }
}
