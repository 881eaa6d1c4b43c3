import AdminProtocol
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

        @Flag(
            help: """
                Look at this machine too: ports, capabilities, the state file, names, firewall rules, the file limit, the user. As the user that Mailshim \
                runs as.
                """)
        var live = false

        @Flag(help: "As JSON.") var json = false

        func run() throws {
            let config: Config
            do throws(ConfigErrors) {
                config = try self.file.read()
            } catch {
                self.refuse(error.errors.map(\.description))
                throw ExitCode.config
            }
            let failures = config.certificateFailures
            guard failures.isEmpty else {
                self.refuse(failures.map(\.description))
                throw ExitCode.config
            }
            let rules = FirewallRules(config)
            let warnings = rules.faults + rules.warnings + config.timeouts.cautions + config.cautions
            let checks = self.live ? LiveChecks(config).all : []
            let code = checks.map(\.exitCode).max { $0.rawValue < $1.rawValue } ?? .success
            guard !self.json else {
                print(Self.json(config.name, [], warnings, checks).indented)
                throw code
            }
            for warning in warnings { StandardError.write("\(config.name): warning: \(warning)") }
            self.say(config)
            if self.live { print(checks.map(\.line).joined(separator: "\n")) }
            throw code
        }

        private func refuse(_ errors: [String]) {
            if self.json { print(Self.json(self.file.config ?? ConfigOption.standardPath, errors, [], []).indented) }
            for error in errors where !self.json { StandardError.write(error) }
        }

        /// The names of its members are a promise.
        private static func json(_ name: String, _ errors: [String], _ warnings: [String], _ checks: [LiveCheck]) -> JSON {
            [
                "config": .string(name), "ok": .boolean(errors.isEmpty), "errors": .array(errors.map { .string($0) }),
                "warnings": .array(warnings.map { .string($0) }), "checks": .array(checks.map(\.json)),
            ]
        }

        private func say(_ config: Config) {
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
        self.rules.quirks.flatMap { quirk in
            quirk.value.each.compactMap { options in
                StandardQuirks.catalogue.first { $0.name == quirk.value.name }?.caution(options).map {
                    "\(quirk.source.table) in line \(quirk.source.line): \(quirk.value.name): \($0)"
                }
            }
        }
    }
}
