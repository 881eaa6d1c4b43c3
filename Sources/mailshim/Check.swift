import ArgumentParser
import ProxyServer
import QuirkKit
import Rules
import StandardQuirks

extension Mailshim {
    /// `mailshim check`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Validate the config file.",
            discussion: """
                Every error is a line on standard error: file, line, column, key, and what would be right. Exit code 78 if there is one. Certificates \
                that listeners name are read too. Warnings are lines on standard error as well: what can be, and is hardly meant.
                """)

        @OptionGroup var file: ConfigOption

        func run() throws {
            let config = try self.file.load()
            let failures = config.certificateFailures
            guard failures.isEmpty else {
                for failure in failures { StandardError.write(failure.description) }
                throw ExitCode.config
            }
            let rules = FirewallRules(config)
            for warning in rules.faults + rules.warnings { StandardError.write("\(config.name): warning: \(warning)") }
            for caution in config.cautions { StandardError.write("\(config.name): warning: \(caution)") }
            let listeners = config.listeners.map { listener in
                let binds = listener.bind.map(\.description).joined(separator: " and ")
                return "\(listener.name) on \(binds) (allow: \(listener.allowed.joined(separator: ", ")))"
            }.joined(separator: ", ")
            guard let path = config.path else {
                print("\(ConfigOption.standardPath) does not exist: the built-in defaults hold (listener \(listeners)).")
                return
            }
            print("\(path): OK, \(config.listeners.count == 1 ? "listener" : "listeners") \(listeners).")
        }
    }
}

extension Config {
    /// What an operator has to know of quirks that a table names.
    fileprivate var cautions: [String] {
        self.rules.quirks.compactMap { quirk in
            StandardQuirks.catalogue.first { $0.name == quirk.value.name }?.caution(quirk.value.options).map {
                "\(quirk.source.table) in line \(quirk.source.line): \(quirk.value.name): \($0)"
            }
        }
    }
}
