import ArgumentParser
import Glibc
import ProxyServer

extension Mailshim.Firewall {
    /// `mailshim firewall status`
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether the rules are in place, and what they led (as root).",
            discussion: "Exit code 0 where the rules are there as the config asks for, 1 where they are not.")

        @OptionGroup var file: ConfigOption

        func run() throws {
            let config = try self.file.load()
            let rules = FirewallRules(config)
            let answer = try ShellScript.outcome(of: RulesInPlace.question, isHeard: true)
            guard answer.status == 0 else {
                StandardError.write("mailshim firewall: the rules cannot be read" + (geteuid() == 0 ? "" : ": this needs root"))
                throw ExitCode.software
            }
            let listing = answer.output.isEmpty ? nil : answer.output
            let watched = RulesInPlace(FirewallRules(config, isWatched: true), listing: listing)
            let found = watched.state == .asConfigured ? watched : RulesInPlace(rules, listing: listing)
            print(Self.headline(found.state, rules, config.name))
            let counted = found.led.contains { $0.past != nil }
            var table = counted ? Table("LISTENER", "BIND", "MODE", "LED HERE", "WENT PAST") : Table("LISTENER", "BIND", "MODE", "LED HERE")
            for led in found.led {
                let (mode, connections) = (led.isTransparent ? "tproxy" : "original", led.connections.map { "\($0)" } ?? "-")
                if counted {
                    table.add(led.listener, led.bind, mode, connections, led.past.map { "\($0)" } ?? "-")
                } else {
                    table.add(led.listener, led.bind, mode, connections)
                }
            }
            if !table.isEmpty { print("\n" + table.rendered()) }
            for warning in rules.faults + rules.warnings { StandardError.write("warning: " + warning) }
            guard Self.isFine(found.state, rules) else { throw ExitCode(1) }
        }

        private static func isFine(_ state: RulesInPlace.State, _ rules: FirewallRules) -> Bool {
            rules.areNone ? state == .missing : state == .asConfigured && rules.faults.isEmpty
        }

        private static func headline(_ state: RulesInPlace.State, _ rules: FirewallRules, _ config: String) -> String {
            switch (state, rules.areNone) {
            case (.missing, true): "No rules, and none needed: no listener has destination = \"original\" or \"tproxy\"."
            case (_, true): "There are rules, though no listener has destination = \"original\" or \"tproxy\": mailshim firewall undo."
            case (.asConfigured, false): "The rules are in place, as \(config) asks for."
            case (.others, false): "There are rules, but not those that \(config) asks for: mailshim firewall apply."
            case (.missing, false): "There are no rules: mail goes past Mailshim. mailshim firewall apply."
            }
        }
    }
}
