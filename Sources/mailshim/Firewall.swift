import ArgumentParser
import ProxyServer

extension Mailshim {
    /// `mailshim firewall`
    struct Firewall: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the firewall rules that lead mail here.",
            discussion: """
                A shell script with the nftables rules and policy routes that the listeners with destination "original" or "tproxy" need, for a \
                router as well as for the gateway's own machine. It may be run again, and changes nothing but what it made itself.

                  mailshim firewall | sh           puts them in place (as root)
                  mailshim firewall --undo | sh    takes them away again
                """)

        @OptionGroup var file: ConfigOption

        @Flag(help: "Print what takes the rules away again.")
        var undo = false

        @Option(help: ArgumentHelp("The user that Mailshim runs as; its own connections are not led here.", valueName: "name"))
        var user = "mailshim"

        func run() throws {
            let rules = FirewallRules(try self.file.load(), user: self.user)
            print(rules.script(undo: self.undo), terminator: "")
        }
    }
}
