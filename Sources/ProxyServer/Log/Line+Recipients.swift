import Rules

/// `[log] recipients`: what a line may say of who is written to. Replies repeat addresses, so their words are gone through too.
extension Line {
    func hidingRecipients(_ said: LogSettings.Recipients) -> Line {
        guard said != .full else { return self }
        return self.mapFields { field in
            switch field.value {
            case .number, .share: return field
            case .paths(let paths): return said == .off ? nil : Field(name: field.name, value: .paths(paths.map { Self.hidden($0, said) }))
            case .text(let text):
                guard Self.speaksOfRecipients(field) else { return field }
                return Field(name: field.name, value: .text(Self.hiding(in: text, said)))
            }
        }
    }

    /// Whether a recipient may stand in it. The sender stays: law 10 wants a repair's command, and who sends is `from`.
    private static func speaksOfRecipients(_ field: Field) -> Bool {
        switch field.name {
        case "reply", "told", "because", "did", "outcome": true
        case "sent": if case .text(let text) = field.value { !text.hasPrefix("MAIL ") } else { false }
        default: false
        }
    }

    private static func hidden(_ path: String, _ said: LogSettings.Recipients) -> String {
        guard said == .domain, let at = path.lastIndex(of: "@") else { return "*" }
        return "*" + path[at...]
    }

    /// Every word with an `@` in it, up to brackets, blanks and the like, is taken for an address.
    private static func hiding(in text: String, _ said: LogSettings.Recipients) -> String {
        guard text.utf8.contains(UInt8(ascii: "@")) else { return text }
        var result = ""
        var word = ""
        var isQuoted = false
        func end() {
            result += word.contains("@") ? Self.hidden(word, said) : word
            word = ""
        }
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            guard !isQuoted, " <>(),;:\t".contains(character) else {
                word.append(character)
                continue
            }
            end()
            result.append(character)
        }
        end()
        return result
    }
}
