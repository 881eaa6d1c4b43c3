import ArgumentParser
import LearnedQuirks
import Rules
import StandardQuirks

extension Mailshim.Memory {
    /// `mailshim learned import`
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read config tables into the learned store.",
            discussion: """
                Of each [address."192.0.2.1"] table its quirks, its port and its because, as `mailshim learned export` prints them. Unlike tables of \
                the config file, what is imported expires. Tables of other kinds are left out: the learned store goes by address.
                """)

        @Argument(help: "The file; \"-\" is standard input.", completion: .file(extensions: ["toml"]))
        var input: String

        @Option(help: ArgumentHelp("Why, for whoever reads it later.", valueName: "text"))
        var because = ""

        @OptionGroup var state: StateOption

        func run() throws {
            let (entries, leftOut) = self.entries(of: try self.tables(), lifetime: try self.state.lifetime, now: Moment.now.seconds)
            for words in leftOut { StandardError.write("left out: \(words)") }
            let added = try self.state.withFile { file throws(MemoryError) in
                try file.add(entries, by: Caller.author(because: self.because), now: Moment.now.seconds)
            }
            for entry in added { print("imported: \(entry.remote) \(QuirkText.text(entry.quirk))") }
            if added.isEmpty { StandardError.write("Nothing in \(self.input) that is not known yet.") }
        }

        private func tables() throws -> RuleSet {
            do throws(ConfigErrors) {
                let path = self.input == "-" ? "/dev/stdin" : self.input
                return try Config.read(
                    path: path, quirks: StandardQuirks.descriptions, hostname: ConfigOption.hostname, atMost: LearnedFile.longestExport
                ).rules
            } catch {
                StandardError.write(error.description)
                throw ExitCode.config
            }
        }

        private func entries(of rules: RuleSet, lifetime: Int, now: Int) -> (entries: [Learned], leftOut: [String]) {
            var (entries, leftOut): ([Learned], [String]) = ([], [])
            for table in rules.addressTables {
                guard let address = table.range.only else {
                    leftOut.append(
                        "\(table.source.table) in line \(table.source.line): a range is for the config file, the learned store goes by address")
                    continue
                }
                let remote = SocketEndpoint(host: address.description, port: table.port ?? 25).description
                entries += table.quirks.map {
                    .imported(remote: remote, quirk: $0, because: table.source.because ?? "", now: now, lifetime: lifetime)
                }
            }
            if rules.hasHostTables || rules.hasDomainTables { leftOut.append("tables for hosts and domains: the learned store goes by address") }
            return (entries, leftOut)
        }
    }
}
