import ArgumentParser
import Glibc
import ProxyServer
import Rules

extension Mailshim {
    /// `mailshim firewall`
    struct Firewall: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lead mail here: firewall rules.",
            discussion: """
                The nftables rules and policy routes that the listeners with destination "original" or "tproxy" need, for a router as well as for the \
                gateway's own machine. They lead new connections alone, and change nothing but what was made by this command before.

                  mailshim firewall apply          puts them in place (as root)
                  mailshim firewall watch          likewise, and leads mail past Mailshim while that does not run
                  mailshim firewall status         says whether they are, and how many connections they led
                  mailshim firewall undo           takes them away again

                Without a subcommand it prints them as a shell script, to read or to run elsewhere: mailshim firewall | sh, mailshim firewall --undo | sh. \
                The script fails where this command does, or where it was cut short.

                A listener that nothing can be led to is an error (78).
                """,
            subcommands: [Apply.self, Watch.self, Undo.self, Status.self])

        @OptionGroup var file: ConfigOption

        @Flag(help: "Print what takes the rules away again.")
        var undo = false

        @OptionGroup var exempt: UserOption

        func run() throws {
            guard !self.undo else { return print(self.file.rulesToUndo().undoing, terminator: "") }
            do {
                print(try self.file.rules(user: self.exempt.user).script, terminator: "")
            } catch {
                Self.refuse(["the config cannot be carried out: its errors stand above"])
                throw error
            }
        }

        /// What the shell behind `mailshim firewall | sh` runs in place of the rules, so that it fails too.
        static func refuse(_ faults: [String], status: ExitCode = .config) {
            guard isatty(STDOUT_FILENO) == 0 else { return }
            print(FirewallRules.refusal(faults, status: status.rawValue), terminator: "")
        }
    }

    struct UserOption: ParsableArguments {
        @Option(help: ArgumentHelp("The user that Mailshim runs as; its own connections are not led here.", valueName: "name"))
        var user = "mailshim"
    }
}

extension ConfigOption {
    /// Every listener that nothing would be led to is a line on standard error, then exit code 78.
    func rules(user: String = "mailshim", isWatched: Bool = false) throws -> FirewallRules {
        let rules = FirewallRules(try self.load(), user: user, isWatched: isWatched)
        guard rules.faults.isEmpty else {
            for fault in rules.faults { StandardError.write(fault) }
            throw ExitCode.config
        }
        return rules
    }

    /// To take rules away a config is not needed: with a broken one it is not known how many sessions that cuts, and said why.
    func rulesToUndo() -> FirewallRules {
        do throws(ConfigErrors) {
            return FirewallRules(try self.read())
        } catch {
            StandardError.write(error.description)
            var none = Config.builtIn(hostname: Self.hostname)
            none.listeners = []
            return FirewallRules(none)
        }
    }
}
