import ArgumentParser
import LearnedQuirks
import QuirkKit

extension Mailshim.Memory {
    /// `mailshim learned list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One line for each quirk of each remote.")

        @OptionGroup var state: StateOption

        func run() throws {
            let (entries, path) = try self.state.withFile { file throws(MemoryError) in (try file.list(), file.path) }
            guard !entries.isEmpty else { return StandardError.write("Nothing was learned yet (\(path)).") }
            var table = Table("REMOTE", "QUIRK", "OPTIONS", "ORIGIN", "FIRST SEEN", "LAST SEEN", "USED", "EXPIRES")
            for entry in entries {
                table.add(
                    entry.remote, entry.quirk.name, QuirkText.options(entry.quirk), entry.origin.rawValue, Moment(at: entry.firstSeen).day,
                    Moment(at: entry.lastSeen).day, "\(entry.timesUsed)", entry.expiry)
            }
            print(table.rendered())
        }
    }
}

extension Learned {
    /// "2026-12-23", "never", "expired".
    fileprivate var expiry: String {
        guard let expires else { return "never" }
        return self.hasExpired(at: Moment.now.seconds) ? "expired" : Moment(at: expires).day
    }
}
