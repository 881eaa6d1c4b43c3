import ArgumentParser
import LearnedQuirks

extension Mailshim.Memory {
    /// `mailshim learned forget`
    struct Forget: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Forget what is known of a remote, pinned or not.")

        @Argument(help: "192.0.2.1:25, [2001:db8::1]:25; without a port: all its ports.")
        var remote: String

        @Argument(help: "Only this quirk.")
        var quirk: String?

        @Option(help: ArgumentHelp("Why, for whoever reads it later.", valueName: "text"))
        var because = ""

        @OptionGroup var state: StateOption

        func run() throws {
            // What is in the file may be a quirk that this version does not know any more.
            let forgotten = try self.state.withFile { file throws(MemoryError) in 
                try file.forget(self.remote, quirk: self.quirk, by: Caller.author(because: self.because), now: Moment.now.seconds)
            }
            if forgotten.isEmpty, let quirk {
                _ = try QuirkText.description(of: quirk)
            }
            guard !forgotten.isEmpty else {
                StandardError.write("Nothing\(self.quirk.map { " like \($0)" } ?? "") is known of \(self.remote).")
                throw ExitCode.nothing
            }
            for entry in forgotten { print("forgotten: \(entry.remote) \(QuirkText.text(entry.quirk))") }
        }
    }
}
