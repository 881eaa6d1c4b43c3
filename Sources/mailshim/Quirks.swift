import AdminProtocol
import ArgumentParser
import QuirkKit
import StandardQuirks

extension Mailshim {
    /// `mailshim quirks`
    struct Quirks: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the catalogue of quirks.",
            discussion: "What each repairs, how it is detected, its options, and where it is documented.")

        @Argument(help: "One of them, in full.", completion: .list(StandardQuirks.descriptions.map(\.name)))
        var name: String?

        @Flag(help: "As JSON.") var json = false

        func run() throws {
            let described = try self.name.map { [try QuirkText.description(of: $0)] } ?? StandardQuirks.descriptions
            if self.json { return print(JSON.array(described.map(\.json)).indented) }
            print(self.name == nil ? Self.list(described) : described.map(Self.page).joined())
        }

        static func list(_ quirks: [QuirkDescription]) -> String {
            let pages = quirks.map { "\($0.name)\n    \($0.repairs)" }
            return (pages + ["mailshim quirks NAME tells more."]).joined(separator: "\n\n")
        }

        static func page(_ quirk: QuirkDescription) -> String {
            let detection = quirk.isFound ? quirk.detection : "never by itself, only by rule: \(quirk.detection)"
            var lines = [
                quirk.name, "", "  repairs    \(quirk.repairs)", "  detected   \(detection)",
                "  evidence   \(quirk.evidence.joined(separator: "; "))",
                "  shows at   \(quirk.stage.rawValue)",
            ]
            lines += quirk.options.map {
                "  option     \($0.name)  \($0.meaning) (\($0.kind.words)\($0.standard.map { ", default \($0)" } ?? ($0.isNeeded ? ", needed" : "")))"
            }
            lines += ["", "  [address.\"192.0.2.1\"]", "  quirks = [\(Self.example(quirk))]      # applied from the start, nothing to detect"]
            lines += ["  ignore = [\"\(quirk.name)\"]      # or: neither detected nor applied"]
            return lines.joined(separator: "\n")
        }

        private static func example(_ quirk: QuirkDescription) -> String {
            let options = quirk.options.filter { $0.isNeeded || $0.standard != nil }.map { "\($0.name) = \(QuirkText.toml($0.standard, $0.kind))" }
            return options.isEmpty ? "\"\(quirk.name)\"" : "{ name = \"\(quirk.name)\", \(options.joined(separator: ", ")) }"
        }
    }
}

extension QuirkDescription {
    /// The names of its members are a promise.
    fileprivate var json: JSON {
        [
            "name": .string(self.name), "repairs": .string(self.repairs), "detected": .string(self.detection),
            "evidence": .array(self.evidence.map { .string($0) }), "stage": .string(self.stage.rawValue),
            "options": .array(
                self.options.map {
                    [
                        "name": .string($0.name), "meaning": .string($0.meaning), "kind": .string($0.kind.words),
                        "default": $0.standard?.json ?? .null,
                    ]
                }),
        ]
    }
}

extension OptionDescription.Kind {
    fileprivate var words: String {
        switch self {
        case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .string: "a text"
        case .text(let form): form.words
        case .boolean: "true or false"
        case .strings: "a list of texts"
        case .word(let words): "one of \(words.joined(separator: ", "))"
        case .pattern: "a regular expression of RE2"
        case .texts(let form): "a list; each \(form.words)"
        case .seconds(let range): "a time like \"2s\", \"5m\", \"1d\", at most \(range.upperBound) s"
        }
    }
}
