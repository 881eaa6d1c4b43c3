/// What a session leaves behind beside octets: a note for the memory, a line of the log, a question to the rules.
///
/// Written `~ found message-limit messages=1 needed=1`: a name of one or more words, then fields. In a transcript a value may
/// hold `*` for any text, and fields that are not written are not compared, but for those that a note must have.
struct Trace: Hashable, Sendable, CustomStringConvertible {
    struct Field: Hashable, Sendable {
        let key: String
        let value: String
        /// Whether a transcript that names this trace must name this field too.
        var isDemanded = false
    }

    let name: String
    let fields: [Field]
    /// Whether a transcript must write it at all.
    let isDemanded: Bool

    init(_ name: String, _ fields: [Field] = [], isDemanded: Bool) {
        self.name = name
        self.fields = fields
        self.isDemanded = isDemanded
    }

    /// Whether this trace is what `pattern`, from a transcript, asks for.
    func matches(_ pattern: Trace) -> Bool {
        guard self.name == pattern.name else { return false }
        for wanted in pattern.fields {
            guard self.fields.contains(where: { $0.key == wanted.key && Glob.matches(wanted.value.utf8, $0.value.utf8) }) else { return false }
        }
        return self.fields.allSatisfy { field in !field.isDemanded || pattern.fields.contains { $0.key == field.key } }
    }

    var description: String {
        let fields = self.fields.map { field in
            let quoted = field.value.isEmpty || field.value.contains { " \"=".contains($0) }
            return quoted ? "\(field.key)=\"\(Self.escaped(field.value))\"" : "\(field.key)=\(field.value)"
        }
        return (["~ \(self.name)"] + fields).joined(separator: " ")
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            if character == "\"" || character == "\\" { escaped.append("\\") }
            escaped.append(character)
        }
        return escaped
    }
}

extension Trace {
    /// From a transcript; without the `~`.
    init?(_ written: Substring) {
        var rest = written
        var names: [Substring] = []
        var fields: [Field] = []
        while !rest.isEmpty {
            let word = rest.prefix { $0 != " " && $0 != "=" }
            rest = rest.dropFirst(word.count)
            guard !word.isEmpty, !word.contains("\"") else { return nil }
            if rest.first == "=" {
                rest = rest.dropFirst()
                guard let value = Self.value(&rest) else { return nil }
                fields.append(Field(key: String(word), value: value))
            } else {
                guard fields.isEmpty else { return nil }
                names.append(word)
            }
            guard rest.isEmpty || rest.first == " " else { return nil }
            rest = rest.drop { $0 == " " }
        }
        guard !names.isEmpty else { return nil }
        self.init(names.joined(separator: " "), fields, isDemanded: true)
    }

    /// A word, or anything between quotes, where `\"` is a quote and `\\` a backslash.
    private static func value(_ rest: inout Substring) -> String? {
        guard rest.first == "\"" else {
            let word = rest.prefix { $0 != " " }
            rest = rest.dropFirst(word.count)
            return word.isEmpty ? nil : String(word)
        }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return value
            case "\\":
                guard let next = rest.popFirst() else { return nil }
                value.append(next)
            default: value.append(character)
            }
        }
        return nil
    }
}
