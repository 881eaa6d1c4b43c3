import AdminProtocol
import ArgumentParser

extension Mailshim {
    /// `mailshim sessions`
    struct Sessions: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the sessions that there are.",
            discussion: """
                The one that has been doing the same for the longest time first: what it is doing, for how long, and for whom it waits. \
                `mailshim kill SESSION` ends one.
                """)

        @OptionGroup var admin: AdminOption

        @Option(help: ArgumentHelp("Only those that have been doing the same for so long: \"60s\", \"5m\".", valueName: "time"))
        var older: TimeArgument?

        @Option(help: ArgumentHelp("Only those to this remote: address, with or without port, or the name in its greeting.", valueName: "remote"))
        var remote: String?

        @Option(help: ArgumentHelp("At most so many.", valueName: "number"))
        var limit = 1000

        @Flag(help: "As JSON.") var json = false

        func run() throws {
            var arguments: [JSON.Member] = [.init("limit", .integer(self.limit))]
            if let older { arguments.append(.init("older", .integer(older.seconds))) }
            if let remote { arguments.append(.init("remote", .string(remote))) }
            let answer = try self.admin.ask(AdminRequest("sessions", arguments))
            let sessions = answer["sessions"].elements
            if self.json { print(answer.indented) } else { print(Self.text(sessions, of: answer["all"].integer ?? 0)) }
            if sessions.isEmpty { throw ExitCode.nothing }
        }

        static func text(_ sessions: [JSON], of all: Int) -> String {
            guard !sessions.isEmpty else { return "No such session, of \(all)." }
            var table = Table("SESSION", "LISTENER", "GATEWAY", "REMOTE", "STAGE", "FOR", "WAITS FOR", "AGE", "MSGS", "QUIRKS")
            for session in sessions {
                table.add(
                    session["session"].string ?? "", session["listener"].string ?? "", session["gateway"].string ?? "",
                    session["remote"].string ?? "", session["stage"].string ?? "", Self.time(session["stage_seconds"]),
                    session["waits_for"].string ?? "", Self.time(session["age_seconds"]), "\(session["messages"].integer ?? 0)",
                    session["quirks"].elements.compactMap(\.string).joined(separator: ","))
            }
            return table.rendered() + (sessions.count < all ? "\n\(sessions.count) of \(all) sessions." : "")
        }

        private static func time(_ value: JSON) -> String { StatusText.duration(Int(value.real ?? 0)) }
    }

    /// `mailshim kill`
    struct Kill: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a session.",
            discussion: """
                As the end of a graceful stop does it: the gateway hears 421 and tries again later. A message whose content the remote has taken, and not \
                answered yet, may arrive twice.
                """)

        @Argument(help: "Its id, as the log and `mailshim sessions` have it.")
        var session: String

        @Option(help: ArgumentHelp("Why, for whoever reads it later.", valueName: "text"))
        var because = ""

        @OptionGroup var admin: AdminOption

        func run() throws {
            let arguments: [JSON.Member] = [.init("session", .string(self.session)), .init("because", .string(self.because))]
            _ = try self.admin.ask(AdminRequest("kill", arguments + Caller.remark))
            print("ended: \(self.session)")
        }
    }
}
