import AdminProtocol
import ArgumentParser
import LearnedQuirks
import QuirkKit

extension Mailshim.Memory {
    /// `mailshim learned list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One line for each quirk of each remote.",
            discussion: "USED is written to the file now and then: it may be some seconds late.")

        enum Order: String, ExpressibleByArgument, CaseIterable { case remote, quirk, first, last, used }

        @Option(help: ArgumentHelp("Only this quirk.", valueName: "name"))
        var quirk: String?

        @Option(help: ArgumentHelp("Only this remote: an address, with or without a port.", valueName: "remote"))
        var remote: String?

        @Option(help: ArgumentHelp("Only what was first seen within the last: \"1d\", \"2h\".", valueName: "time"))
        var since: TimeArgument?

        @Option(help: ArgumentHelp("At most so many lines.", valueName: "number"))
        var limit: Int?

        @Option(help: ArgumentHelp("By remote, quirk, first (seen, the newest above), last (seen) or used (most above).", valueName: "order"))
        var sort = Order.remote

        @Flag(help: "As JSON.") var json = false

        @OptionGroup var state: StateOption

        func validate() throws { if let limit, limit < 1 { throw ValidationError("--limit wants a number, from 1") } }

        func run() throws {
            let (entries, path) = try self.state.withFile { file throws(MemoryError) in
                if let remote { return (try file.show(remote), file.path) }
                return (try file.list(), file.path)
            }
            let shown = self.chosen(of: entries, now: Moment.now.seconds)
            if self.json { print(JSON.array(shown.map { $0.withoutMailboxes.json }).indented) }
            guard !shown.isEmpty else {
                if !self.json { StandardError.write(entries.isEmpty ? "Nothing was learned yet (\(path))." : "Nothing like that was learned yet (\(path)).") }
                throw ExitCode.nothing
            }
            guard !self.json else { return }
            var table = Table("REMOTE", "QUIRK", "OPTIONS", "ORIGIN", "FIRST SEEN", "LAST SEEN", "USED", "EXPIRES")
            for entry in shown {
                table.add(
                    entry.remote, entry.quirk.name, QuirkText.options(entry.quirk), entry.origin.rawValue, Moment(at: entry.firstSeen).day,
                    Moment(at: entry.lastSeen).day, "\(entry.timesUsed)", entry.expiry)
            }
            print(table.rendered())
        }

        private func chosen(of entries: [Learned], now: Int) -> [Learned] {
            let chosen = entries.filter { entry in
                (self.quirk == nil || self.quirk == entry.quirk.name) && (self.since.map { entry.firstSeen >= now - $0.seconds } ?? true)
            }
            let sorted =
                switch self.sort {
                case .remote: chosen
                case .quirk: chosen.sorted { ($0.quirk.name, $0.remote) < ($1.quirk.name, $1.remote) }
                case .first: chosen.sorted { ($0.firstSeen, $1.remote) > ($1.firstSeen, $0.remote) }
                case .last: chosen.sorted { ($0.lastSeen, $1.remote) > ($1.lastSeen, $0.remote) }
                case .used: chosen.sorted { ($0.timesUsed, $1.remote) > ($1.timesUsed, $0.remote) }
                }
            return Array(sorted.prefix(self.limit ?? .max))
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
