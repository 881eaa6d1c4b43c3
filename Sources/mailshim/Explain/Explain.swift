import AdminProtocol
import ArgumentParser
import LearnedQuirks
import Rules

extension Mailshim {
    /// `mailshim explain`
    struct Explain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what applies to a remote, and why.",
            discussion: """
                Each quirk and setting with the table of the config file it comes from, or with what was learned and when, and the stage of a \
                session from which it can be known: connect, greeting, EHLO, MAIL or RCPT. Say as much of the remote as you know; without any of \
                it, what holds for every remote is shown. Nothing is looked up in DNS.
                """)

        @OptionGroup var file: ConfigOption

        @Option(help: ArgumentHelp("A recipient domain.", valueName: "domain"))
        var domain: RemoteName?

        @Option(help: ArgumentHelp("The remote's own name: of its MX record, or in its greeting.", valueName: "host"))
        var host: RemoteName?

        @Option(help: ArgumentHelp("The remote's address, with a port if it is not 25.", valueName: "ip"))
        var address: Remote?

        @Flag(help: "As JSON.") var json = false

        func run() throws {
            let config = try self.file.load()
            let memory = LearnedHere(of: self.address, in: config)
            var explanation = Explanation(learning: config.learning.enabled)
            explanation.add(
                config.rules.resolve(
                    address: self.address?.address, port: self.address?.port, host: self.host?.description,
                    domains: self.domain.map { [$0.description] } ?? []),
                learned: memory.entries)
            guard !self.json else {
                return print(
                    ([
                        "remote": [
                            "address": JSON(self.address?.description), "host": JSON(self.host?.description), "domain": JSON(self.domain?.description),
                        ], "config": .string(config.name), "learned_store": .string(memory.place),
                        "settings": .array(explanation.rows.map(\.json)), "notes": .array(self.notes(config, memory).map { .string($0) }),
                    ] as JSON).indented)
            }
            print(self.title)
            print("config: \(config.name); learned store: \(memory.place)\n")
            print(explanation.table.rendered())
            for note in self.notes(config, memory) { print("\n\(note)") }
        }

        private var title: String {
            let parts = [self.address.map { "address \($0)" }, self.host.map { "host \($0)" }, self.domain.map { "domain \($0)" }].compactMap { $0 }
            return parts.isEmpty ? "Any remote" : "Remote: \(parts.joined(separator: ", "))"
        }

        private func notes(_ config: Config, _ memory: LearnedHere) -> [String] {
            var notes: [String] = []
            if let trouble = memory.trouble { notes.append("What was learned cannot be read: \(trouble)") }
            if self.address == nil { notes.append("What was learned is kept by address, and so are [address.…] tables: --address shows them.") }
            if self.host == nil, config.rules.hasHostTables { notes.append("There are tables for hosts: --host shows which apply.") }
            if self.domain == nil, config.rules.hasDomainTables {
                notes.append("There are tables for recipient domains: --domain shows which apply.")
            }
            return notes
        }
    }
}

/// What the learned store says of one address.
private struct LearnedHere {
    var entries: [Learned] = []
    var trouble: String?
    let place: String

    init(of remote: Remote?, in config: Config) {
        guard case .file(let path) = config.state else {
            self.place = "none (state = \"memory\")"
            return
        }
        self.place = path
        guard let remote else { return }
        do throws(MemoryError) {
            let now = Moment.now.seconds
            self.entries = try LearnedFile(path: path).show(remote.description).filter { !$0.hasExpired(at: now) }
        } catch {
            self.trouble = error.description
        }
    }
}
