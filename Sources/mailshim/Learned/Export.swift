import ArgumentParser
import LearnedQuirks
import QuirkKit
import Rules
import StandardQuirks

extension Mailshim.Memory {
    /// `mailshim learned export`
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print what is known as config tables, ready to paste.",
            discussion: "The evidence stands in `because`. `mailshim learned import` reads them elsewhere.")

        @Flag(help: "With whole sender addresses in the evidence; else their domains alone.") var full = false

        @OptionGroup var state: StateOption

        func run() throws {
            let now = Moment.now.seconds
            let entries = try self.state.withFile { file throws(MemoryError) in try file.list() }.filter { !$0.hasExpired(at: now) }
            guard !entries.isEmpty else {
                StandardError.write("Nothing was learned yet.")
                throw ExitCode.nothing
            }
            var taken: [QuirkSetting: Bool] = [:]
            var printed: [Learned] = []
            for entry in entries {
                let isTaken = taken[entry.quirk] ?? self.isTaken(entry)
                taken[entry.quirk] = isTaken
                if isTaken {
                    printed.append(self.full ? entry : entry.withoutMailboxes)
                } else {
                    StandardError.write("left out: \(entry.remote) \(QuirkText.text(entry.quirk)): this version knows no such quirk")
                }
            }
            print(LearnedFile.tables(of: printed), terminator: "")
        }

        /// Whether `import`, and the config, would take it: of another version's quirk they would not.
        private func isTaken(_ entry: Learned) -> Bool {
            do throws(ConfigErrors) {
                _ = try Config(parsing: LearnedFile.tables(of: [entry]), path: "", quirks: StandardQuirks.descriptions, hostname: "localhost")
                return true
            } catch {
                return false
            }
        }
    }
}
