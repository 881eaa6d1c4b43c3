import ArgumentParser
import LearnedQuirks

extension Mailshim.Memory {
    /// `mailshim learned pin`
    struct Pin: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply a quirk to a remote from now on.",
            discussion: """
                It neither expires nor heals, and nothing that is found out changes it, until it is forgotten. Options are written as \
                messages=20; without any, those hold that it was learned with.
                """)

        @Argument(help: "192.0.2.1:25, [2001:db8::1]:25; without a port: port 25.")
        var remote: String

        @Argument(help: "See `mailshim quirks`.")
        var quirk: String

        @Argument(help: ArgumentHelp("Its options.", valueName: "option=value"))
        var options: [String] = []

        @Option(help: ArgumentHelp("Why, for whoever reads it later.", valueName: "text"))
        var because = ""

        @OptionGroup var state: StateOption

        func run() throws {
            let setting = try QuirkText.setting(self.quirk, options: self.options)
            let pinned = try self.state.withFile { file throws(MemoryError) in
                try file.pin(self.remote, setting, because: self.because, by: Caller.author(because: self.because), now: Moment.now.seconds)
            }
            print("pinned: \(pinned.remote) \(QuirkText.text(pinned.quirk))")
        }
    }
}
