/// How a value is written: in one line, or for people.
extension JSON: CustomStringConvertible {
    /// In one line.
    public var description: String {
        var text = ""
        self.write(to: &text, indent: nil)
        return text
    }

    /// A member a line, indented by two blanks.
    public var indented: String {
        var text = ""
        self.write(to: &text, indent: 0)
        return text
    }

    private func write(to text: inout String, indent: Int?) {
        switch self {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let number): text += String(number)
        case .real(let number): text += number.isFinite ? String(number) : "null"
        case .string(let string): Self.write(string, to: &text)
        case .array(let elements):
            Self.write(elements, "[", "]", to: &text, indent: indent) { $0.write(to: &$1, indent: $2) }
        case .object(let members):
            Self.write(members, "{", "}", to: &text, indent: indent) { member, text, indent in
                Self.write(member.name, to: &text)
                text += indent == nil ? ":" : ": "
                member.value.write(to: &text, indent: indent)
            }
        }
    }

    private static func write<Part>(
        _ parts: [Part], _ start: String, _ end: String, to text: inout String, indent: Int?, _ write: (Part, inout String, Int?) -> Void
    ) {
        text += start
        let inner = indent.map { $0 + 2 }
        for (number, part) in parts.enumerated() {
            if number > 0 { text += "," }
            if let inner { text += "\n" + String(repeating: " ", count: inner) }
            write(part, &text, inner)
        }
        if let indent, !parts.isEmpty { text += "\n" + String(repeating: " ", count: indent) }
        text += end
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // Controls, and what a terminal or a script would take for a line's end.
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
