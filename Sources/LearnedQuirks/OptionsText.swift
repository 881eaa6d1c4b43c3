import QuirkKit

/// Options of a quirk in a column of the file: one a line, "kind TAB name TAB value…", with \\, \t and \n for those characters in names and values.
enum OptionsText {
    static func write(_ options: [String: OptionValue]) -> String {
        options.sorted { $0.key < $1.key }.map { name, value in
            let (kind, values): (String, [String]) =
                switch value {
                case .integer(let value): ("integer", [String(value)])
                case .string(let value): ("string", [value])
                case .boolean(let value): ("boolean", [String(value)])
                case .strings(let values): ("strings", values)
                case .pattern(let value): ("pattern", [value.text])
                case .seconds(let value): ("seconds", [String(value)])
                }
            return ([kind, name] + values).map(self.escape).joined(separator: "\t")
        }.joined(separator: "\n")
    }

    /// Nil for what `write` does not write.
    static func read(_ text: String) -> [String: OptionValue]? {
        var options: [String: OptionValue] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(self.unescape)
            guard fields.count >= 2, let value = self.value(fields[0], Array(fields[2...])) else { return nil }
            options[fields[1]] = value
        }
        return options
    }

    private static func value(_ kind: String, _ values: [String]) -> OptionValue? {
        if kind == "strings" { return .strings(values) }
        guard values.count == 1, let value = values.first else { return nil }
        return switch kind {
        case "integer": Int(value).map { .integer($0) }
        case "string": .string(value)
        case "pattern": (try? Pattern(value)).map { .pattern($0) }
        case "boolean": Bool(value).map { .boolean($0) }
        case "seconds": Int(value).map { .seconds($0) }
        default: nil
        }
    }

    private static func escape(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: #"\\"#.unicodeScalars)
            case "\t": escaped.append(contentsOf: #"\t"#.unicodeScalars)
            case "\n": escaped.append(contentsOf: #"\n"#.unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    private static func unescape(_ text: Substring) -> String {
        var plain = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in text.unicodeScalars {
            switch (isEscaped, scalar) {
            case (false, "\\"): isEscaped = true
            case (true, "t"): plain.append("\t"); isEscaped = false
            case (true, "n"): plain.append("\n"); isEscaped = false
            case (true, _), (false, _): plain.append(scalar); isEscaped = false
            }
        }
        return String(plain)
    }
}
