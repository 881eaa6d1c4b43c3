/// The path and the parameters of `MAIL` and `RCPT` (RFC 5321 4.1.1.2), read as loosely as hosts do.
struct Path: Hashable {
    /// Without its angle brackets.
    let text: String
    let parameters: [String]

    init(_ line: String) {
        guard let colon = line.firstIndex(of: ":") else { (self.text, self.parameters) = ("", []); return }
        let rest = line[line.index(after: colon)...].drop { $0 == " " }
        guard rest.first == "<" else {
            let words = rest.split(separator: " ").map(String.init)
            (self.text, self.parameters) = (words.first ?? "", Array(words.dropFirst()))
            return
        }
        var quoted = false
        var escaped = false
        let inner = rest.dropFirst()
        let end = inner.firstIndex { character in
            if escaped { escaped = false; return false }
            switch character {
            case "\\": escaped = quoted
            case "\"": quoted.toggle()
            case ">": return !quoted
            default: break
            }
            return false
        }
        self.text = String(inner[..<(end ?? inner.endIndex)])
        self.parameters = end.map { inner[inner.index(after: $0)...].split(separator: " ").map(String.init) } ?? []
    }

    /// The first parameter that goes with no keyword offered.
    func unsupported(by keywords: [String]) -> String? {
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
