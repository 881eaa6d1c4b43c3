import AdminProtocol
import ArgumentParser
import LearnedQuirks

extension Mailshim.Memory {
    /// `mailshim learned history`
    struct History: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What was done, when, by whom and why.",
            discussion: """
                Changes by hand (forget, pin, import, bypass, kill, reload) and what Mailshim did of itself (learned, healed, expired), the newest \
                above. The last 10,000 are kept.
                """)

        @Argument(help: "192.0.2.1:25, [2001:db8::1]:25; without a port: all its ports; without any: everything.")
        var remote: String?

        @Option(help: ArgumentHelp("At most so many.", valueName: "number"))
        var limit = 1000

        @Flag(help: "As JSON.") var json = false

        @OptionGroup var state: StateOption

        func validate() throws { if self.limit < 1 { throw ValidationError("--limit wants a number, from 1") } }

        func run() throws {
            let entries = try self.state.withFile { file throws(MemoryError) in try file.history(of: self.remote, limit: self.limit) }
            if self.json { print(JSON.array(entries.map(\.json)).indented) }
            guard !entries.isEmpty else {
                if !self.json { StandardError.write("Nothing was done\(self.remote.map { " to \($0)" } ?? "") that is remembered.") }
                throw ExitCode.nothing
            }
            guard !self.json else { return }
            var table = Table("TIME", "ACTION", "SUBJECT", "DETAIL", "BY", "BECAUSE")
            for entry in entries {
                let author = entry.remark.isEmpty ? entry.user : "\(entry.user) (sudo: \(entry.remark))"
                table.add(Moment(at: entry.at).minute, entry.action, entry.subject, entry.detail, author, entry.because)
            }
            print(table.rendered())
        }
    }
}

extension AuditEntry {
    /// The names of its members are a promise.
    fileprivate var json: JSON {
        [
            "time": .integer(self.at), "action": .string(self.action), "subject": .string(self.subject), "detail": .string(self.detail),
            "user": .string(self.user), "sudo_user": .string(self.remark), "because": .string(self.because),
        ]
    }
}
