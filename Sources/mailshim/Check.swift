import ArgumentParser
import ProxyServer
import Rules

extension Mailshim {
    /// `mailshim check`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Validate the config file.",
            discussion: """
                Every error is a line on standard error: file, line, column, key, and what would be right. Exit code 78 if there is one. Certificates \
                that listeners name are read too.
                """)

        @OptionGroup var file: ConfigOption

        func run() throws {
            let config = try self.file.load()
            let failures = config.certificateFailures
            guard failures.isEmpty else {
                for failure in failures { StandardError.write(failure.description) }
                throw ExitCode.config
            }
            let listeners = config.listeners.map { "\($0.name) on \($0.bind)" }.joined(separator: ", ")
            guard let path = config.path else {
                print("\(ConfigOption.standardPath) does not exist: the built-in defaults hold (listener \(listeners)).")
                return
            }
            print("\(path) is right: \(config.listeners.count == 1 ? "listener" : "listeners") \(listeners).")
        }
    }
}
