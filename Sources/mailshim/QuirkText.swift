import ArgumentParser
import QuirkKit
import Rules
import SMTPWire
import StandardQuirks

/// A quirk with options as the command line names it: `message-limit messages=20`. The config reader judges it, so that its words are the same everywhere.
enum QuirkText {
    /// - Throws: usage, with what was meant.
    static func description(of name: String) throws -> QuirkDescription {
        if let quirk = StandardQuirks.descriptions.first(where: { $0.name == name }) { return quirk }
        _ = try self.read("[default]\nignore = [\(self.quoted(name))]")
        throw ValidationError("there is no quirk \(name.printable)")
    }

    /// - Parameter options: `name=value`. Where there are none, the setting has none: those that are known hold.
    static func setting(_ name: String, options: [String]) throws -> QuirkSetting {
        let quirk = try self.description(of: name)
        guard !options.isEmpty else { return QuirkSetting(name) }
        let pairs = try options.map { text in
            guard let equals = text.firstIndex(of: "=") else { throw ValidationError("\"\(text.printable)\" is no option; write it as name=value") }
            let (key, value) = (String(text[..<equals]), String(text[text.index(after: equals)...]))
            return "\(self.quoted(key)) = \(self.toml(value, quirk.options.first { $0.name == key }?.kind))"
        }
        let config = try self.read("[default]\nquirks = [{ name = \(self.quoted(name)), \(pairs.joined(separator: ", ")) }]")
        let resolved = config.rules.resolve(address: nil, port: nil, host: nil, domains: [])
        return resolved.quirks.first { $0.value.name == name }?.value ?? QuirkSetting(name)
    }

    /// `messages=20`, in the order of their names; empty where there are none.
    static func options(_ setting: QuirkSetting) -> String {
        setting.each.map { options in
            options.sorted { $0.key < $1.key }.map { "\($0.key)=\(self.value($0.value))" }.joined(separator: " ")
        }.joined(separator: "; ")
    }

    /// In quotation marks where a blank or a semicolon stands in it.
    private static func value(_ value: OptionValue) -> String {
        let text = value.description
        return text.isEmpty || text.contains { $0 == " " || $0 == ";" || $0 == "\"" } ? self.quoted(text) : text
    }

    /// `message-limit messages=20`
    static func text(_ setting: QuirkSetting) -> String {
        setting.options.isEmpty ? setting.name : "\(setting.name) \(self.options(setting))"
    }

    /// An option's value as the config file writes it.
    static func toml(_ value: OptionValue?, _ kind: OptionDescription.Kind) -> String { value.map { self.toml($0.description, kind) } ?? "…" }

    private static func toml(_ value: String, _ kind: OptionDescription.Kind?) -> String {
        switch kind {
        case .integer where Int(value) != nil: value
        case .boolean where Bool(value) != nil: value
        case .strings, .texts: "[\(value.split(separator: ",").map { self.quoted(String($0)) }.joined(separator: ", "))]"
        case .integer, .boolean, .string, .text, .word, .pattern, .seconds, nil: self.quoted(value)
        }
    }

    private static func read(_ toml: String) throws -> Config {
        do throws(ConfigErrors) {
            return try Config(parsing: toml, path: "", quirks: StandardQuirks.descriptions, hostname: "localhost")
        } catch {
            throw ValidationError(error.errors.map { "\(Self.option(in: $0.key))\($0.message)".printable }.joined(separator: "\n"))
        }
    }

    /// `messages: ` of the key `default.quirks[0].messages`.
    private static func option(in key: String) -> String {
        let parts = key.split(separator: ".")
        return parts.count > 2 ? parts.last.map { "\($0): " } ?? "" : ""
    }

    /// A basic string of TOML.
    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case "\u{0}"..."\u{1f}", "\u{7f}": "\\u" + String(repeating: "0", count: scalar.value < 16 ? 3 : 2) + String(scalar.value, radix: 16)
            default: "\(scalar)"
            }
        }
        return "\"\(escaped.joined())\""
    }
}
