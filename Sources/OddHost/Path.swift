/// The path and the parameters of `MAIL` and `RCPT` (RFC 5321 4.1.1.2), read as loosely as hosts do.
struct Path: Hashable {
    /// Without its angle brackets.
    let text: String
    let parameters: [String]

    init(_ line: String) {
        let bytes = line.utf8
        guard let colon = bytes.firstIndex(of: 58) else { (self.text, self.parameters) = ("", []); return }
        let rest = bytes[bytes.index(after: colon)...].drop { $0 == 32 }
        guard rest.first == UInt8(ascii: "<") else {
            let words = rest.split(separator: 32).map { String(Substring($0)) }
            (self.text, self.parameters) = (words.first ?? "", Array(words.dropFirst()))
            return
        }
        var quoted = false
        var escaped = false
        let inner = rest.dropFirst()
        let end = inner.firstIndex { byte in
            if escaped { escaped = false; return false }
            switch byte {
            case UInt8(ascii: "\\"): escaped = quoted
            case UInt8(ascii: "\""): quoted.toggle()
            case UInt8(ascii: ">"): return !quoted
            default: break
            }
            return false
        }
        self.text = String(Substring(inner[..<(end ?? inner.endIndex)]))
        self.parameters = end.map { inner[inner.index(after: $0)...].split(separator: 32).map { String(Substring($0)) } } ?? []
    }

    /// The first parameter that goes with no keyword offered.
    func unsupported(by keywords: [String]) -> String? {
        guard !self.parameters.isEmpty else { return nil }
        let offered = Set(keywords.map { $0.prefix { $0 != " " && $0 != "=" }.uppercased() })
        return self.parameters.first { parameter in
            let needed: String? =
                switch parameter.uppercased() {
                case let p where p.hasPrefix("SIZE="): "SIZE"
                case "BODY=7BIT", "BODY=8BITMIME": "8BITMIME"
                case "BODY=BINARYMIME": "BINARYMIME"
                case "SMTPUTF8": "SMTPUTF8"
                case let p where ["RET=", "ENVID=", "NOTIFY=", "ORCPT="].contains { p.hasPrefix($0) }: "DSN"
                case let p where p.hasPrefix("AUTH="): "AUTH"
                default: nil
                }
            return needed.map { !offered.contains($0) } ?? !offered.contains(parameter.prefix { $0 != "=" }.uppercased())
        }
    }
}
