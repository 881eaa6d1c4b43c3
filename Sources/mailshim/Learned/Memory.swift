import ArgumentParser

extension Mailshim {
    /// `mailshim learned`
    struct Memory: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "learned",
            abstract: "Show and change what was learned of remotes.",
            discussion: """
                All of it works on the file that `state` of the config names, also while the proxy runs: it takes a change within about a second. \
                REMOTE is an address with or without a port: 192.0.2.1, 192.0.2.1:25, [2001:db8::1]:25.
                """,
            subcommands: [List.self, Show.self, History.self, Forget.self, Pin.self, Export.self, Import.self],
            defaultSubcommand: List.self)
    }
}
