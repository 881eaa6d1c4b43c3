import ArgumentParser
import Rules

/// What was meant by a command that there is not.
enum UnknownCommand {
    /// Nil where the words name a command, or name none.
    static func hint(for words: [String]) -> String? { self.hint(for: words[...], of: Mailshim.self, behind: "mailshim") }

    private static func hint(for words: ArraySlice<String>, of command: any ParsableCommand.Type, behind path: String) -> String? {
        let commands = command.configuration.subcommands
        guard !commands.isEmpty, let word = words.first, !word.hasPrefix("-"), word != "help" else { return nil }
        if let next = commands.first(where: { self.name(of: $0) == word }) {
            return self.hint(for: words.dropFirst(), of: next, behind: "\(path) \(word)")
        }
        let names = commands.map(self.name(of:))
        return "unknown command \"\(path) \(word)\"" + Similar.hint(for: word, among: names, otherwise: "; known: \(names.joined(separator: ", "))")
    }

    private static func name(of command: any ParsableCommand.Type) -> String { command.configuration.commandName ?? "\(command)".lowercased() }
}
