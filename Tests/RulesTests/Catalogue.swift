import QuirkKit

@testable import Rules

/// A catalogue with an option of each kind.
let catalogue = [
    quirk("message-limit", [OptionDescription("messages", .integer(1...1000), standard: .integer(1), meaning: "messages a connection")]),
    quirk("sticky-sender"),
    quirk("pix"),
    quirk(
        "hide-extension",
        [
            OptionDescription("keywords", .strings, standard: nil, meaning: "what to hide"),
            OptionDescription("wait", .seconds(1...60), standard: .seconds(2), meaning: "how long"),
            OptionDescription("text", .string, standard: .string("x"), meaning: "what to say"),
            OptionDescription("called", .text(.helloName), standard: .string("x"), meaning: "its name"),
            OptionDescription("always", .boolean, standard: .boolean(false), meaning: "whether"),
        ]),
]

private func quirk(_ name: String, _ options: [OptionDescription] = []) -> QuirkDescription {
    QuirkDescription(name: name, repairs: "", detection: "", options: options, evidence: [], stage: .mail)
}

/// As an operator's file is read.
func config(_ text: String) throws(ConfigErrors) -> Config {
    try Config(parsing: text, path: "c.toml", quirks: catalogue, hostname: "machine")
}

/// As it will be read when everything that is planned is built.
func futureConfig(_ text: String) throws(ConfigErrors) -> Config {
    try Config(parsing: text, path: "c.toml", quirks: catalogue, hostname: "machine", unavailable: .nothing)
}

/// The lines of the errors in a file; empty where there are none.
func mistakes(in text: String, reading: (String) throws(ConfigErrors) -> Config = config) -> [String] {
    do {
        _ = try reading(text)
        return []
    } catch {
        return error.errors.map(\.description)
    }
}
