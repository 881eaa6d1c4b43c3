import AdminProtocol
import ArgumentParser
import LearnedQuirks
import QuirkKit
import SMTPWire

extension Mailshim.Memory {
    /// `mailshim learned show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What is known of a remote, with the evidence.",
            discussion: """
                The evidence is the command that was sent and the reply to it, verbatim but for the senders' addresses, of which the domain is shown.
                """)

        @Argument(help: "192.0.2.1:25, [2001:db8::1]:25; without a port: all its ports.")
        var remote: String

        @Flag(help: "With whole sender addresses in the evidence; else their domains alone.") var full = false

        @Flag(help: "As JSON.") var json = false

        @OptionGroup var state: StateOption

        func run() throws {
            let entries = try self.state.withFile { file throws(MemoryError) in try file.show(self.remote) }
            let shown = self.full ? entries : entries.map(\.withoutMailboxes)
            if self.json { print(JSON.array(shown.map(\.json)).indented) }
            guard !shown.isEmpty else {
                if !self.json { StandardError.write("Nothing is known of \(self.remote).") }
                throw ExitCode.nothing
            }
            if !self.json { print(shown.map(\.page).joined(separator: "\n\n")) }
        }
    }
}

extension Learned {
    fileprivate var page: String {
        var lines = ["\(self.remote)  \(QuirkText.text(self.quirk))"]
        func add(_ name: String, _ text: String) {
            lines.append(
                "  \(name.padded(to: 10))  \(text.split(separator: "\n").map { String($0).printable }.joined(separator: "\n              "))")
        }
        add("origin", self.origin.rawValue)
        if !self.sent.isEmpty { add("sent", self.sent) }
        if !self.reply.isEmpty { add("reply", self.reply) }
        if !self.remark.isEmpty { add("because", self.remark) }
        add("first seen", Moment(at: self.firstSeen).minute)
        add("last seen", Moment(at: self.lastSeen).minute)
        add("used", self.timesUsed == 1 ? "once" : "\(self.timesUsed) times")
        add("expires", self.expires.map { Moment(at: $0).minute } ?? "never")
        if let healing { add("healing", healing) }
        return lines.joined(separator: "\n")
    }

    /// How far it is from being forgotten because the remote has been repaired.
    private var healing: String? {
        guard self.heals, !self.isPinned else { return nil }
        let probed = self.lastProbe.map { "last tried without it \(Moment(at: $0).minute)" } ?? "not yet tried without it"
        return "\(probed); went well \(self.cleanInARow) times in a row"
    }
}
