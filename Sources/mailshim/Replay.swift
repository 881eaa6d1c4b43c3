import ArgumentParser
import ProxyServer
import Rules
import SMTPSession
import StandardQuirks
import Transcript

extension Mailshim {
    /// `mailshim replay`
    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Play a transcript of a session against a config file, offline.",
            discussion: """
                A transcript says what the gateway and the host say, and what each of them hears (Sources/Transcript/README.md is the manual). It is played \
                whole, byte by byte and in random pieces, with the rules that the config has for its remote, in place of those in its own header; what its \
                header says was learned holds too. Nothing is connected to, and nothing learned is read or kept.

                Each difference is a line: file, line, what was expected and what was heard. Exit codes: 0 all went as written, 1 something did not, 65 the \
                transcript is wrong, 66 it cannot be read, 78 the config is wrong.
                """)

        @Argument(help: "The config file.", completion: .file(extensions: ["toml"])) var config: String

        @Argument(help: "The transcript.", completion: .file(extensions: ["smtp"])) var transcript: String

        func run() throws {
            let config = try self.readConfig()
            let failures: [Failure]
            do throws(TranscriptError) {
                let transcript = try TranscriptFile(path: self.transcript, name: self.transcript).read()
                failures = try transcript.failures(catalogue: StandardQuirks.catalogue, rules: ConfiguredRules(config))
            } catch {
                StandardError.write(error.description)
                if case .unreadable = error.fault { throw ExitCode.noInput }
                throw ExitCode.data
            }
            guard failures.isEmpty else {
                print(failures.map(\.description).joined(separator: "\n"))
                throw ExitCode.failure
            }
            print("\(self.transcript): as written")
        }

        private func readConfig() throws -> Config {
            do throws(ConfigErrors) { return try ConfigOption.read(self.config) } catch {
                StandardError.write(error.description)
                throw ExitCode.config
            }
        }
    }
}

/// The tables of a config, as a transcript asks them.
private struct ConfiguredRules: RemoteRules {
    private let policy: OfflinePolicy

    init(_ config: Config) { self.policy = OfflinePolicy(config, catalogue: StandardQuirks.catalogue) }

    var settings: Settings { self.policy.settings }

    func profile(remote: String?, host: String?, domains: [String]) -> Profile {
        // "192.0.2.1:25", "[2001:db8::1]:25"
        let colon = remote?.lastIndex(of: ":")
        let address = remote.map { text in text[..<(colon ?? text.endIndex)].filter { $0 != "[" && $0 != "]" } }
        let port = remote.flatMap { text in colon.flatMap { Int(text[text.index(after: $0)...]) } } ?? 25
        return self.policy.profile(address: address, port: port, greeting: host, domains: domains)
    }
}
