import ArgumentParser

/// The command line: README.md. One file a subcommand.
@main
struct Mailshim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mailshim",
        abstract: "An SMTP proxy that makes up for what remote mail hosts get wrong.",
        discussion: """
            It stands as a network hop between a sending gateway and remote hosts, and repairs what the hosts get wrong. One that takes only one \
            message per connection, for instance, gets each message on a connection of its own, and the gateway never knows.

              mailshim demo             shows it at work, on this machine alone
              mailshim serve            runs it
              mailshim firewall apply   sends mail through it
              mailshim status           shows how it is

            Exit codes: 0 fine, 1 nothing found (probe: quirks found; replay: a difference), 64 usage, 65 and 66 a transcript that is wrong or cannot \
            be read, 69 a port could not be bound or a host not be reached, 70 internal, 78 config error.
            """,
        version: "mailshim \(Version.text)",
        subcommands: [
            Serve.self, Status.self, Sessions.self, Kill.self, BypassCommand.self, Metrics.self, Check.self, Explain.self, Quirks.self,
            Memory.self, Probe.self, Replay.self, Firewall.self, Upgrade.self, Demo.self, OddHostCommand.self,
        ])

    static func main() async {
        do {
            var command = try self.parseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
        } catch {
            // Behind `mailshim firewall … | sh` stands a shell that would take no script for success.
            if CommandLine.arguments.dropFirst().first == "firewall", self.exitCode(for: error) == .validationFailure {
                Firewall.refuse(["the command is wrong: what is right stands above"], status: ExitCode.validationFailure)
            }
            if self.exitCode(for: error) == .validationFailure, let hint = UnknownCommand.hint(for: Array(CommandLine.arguments.dropFirst())) {
                StandardError.write("Error: \(hint)\nUsage: see 'mailshim --help'")
                self.exit(withError: ExitCode.validationFailure)
            }
            self.exit(withError: error)
        }
    }
}
