import ArgumentParser
import LearnedQuirks

extension Mailshim.Memory {
    /// `mailshim learned export`
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print what is known as config tables, ready to paste.",
            discussion: "The evidence stands in `because`. `mailshim learned import` reads them elsewhere.")

        @OptionGroup var state: StateOption

        func run() throws {
            let tables = try self.state.withFile { file throws(MemoryError) in try file.export(now: Moment.now.seconds) }
            guard !tables.isEmpty else { return StandardError.write("Nothing was learned yet.") }
            print(tables, terminator: "")
        }
    }
}
