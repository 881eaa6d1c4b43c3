import AdminProtocol
import ArgumentParser
import Glibc
import Logging
import ProxyServer
import Rules
import ServiceLifecycle
import StandardQuirks

extension Mailshim {
    /// `mailshim serve`
    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the proxy in the foreground.",
            discussion: """
                SIGTERM and SIGINT stop it gracefully: messages in progress finish, idle sessions hear 421; a second one ends it at once. SIGHUP \
                reads the config again, for new sessions; one with errors, or without any key, is logged and changes nothing. Other signals are \
                ignored and logged. The log goes to standard error.
                """)

        @OptionGroup var file: ConfigOption

        @Option(help: ArgumentHelp("How the log is written: logfmt or json. Goes before [log] format.", valueName: "format"))
        var logFormat: LineFormat?

        func run() async throws {
            let inheritance = Inheritance.taken()
            let config = self.withLogFormat(try self.file.load())
            let log = Log(config.log)
            // Before anything is open, so that no signal is met by its default action.
            let signals = Signals()
            log.write(Self.begin(config))
            let proxy = Proxy(
                config, catalogue: StandardQuirks.catalogue, log: log, version: Version.text, inheritance: inheritance
            ) { signals.heedPipe() }
            let group = ServiceGroup(services: [proxy], logger: Logger(label: "mailshim") { _ in SwiftLogNoOpLogHandler() })
            proxy.adminCommands.register("upgrade") { _, asker in
                let outcome = await proxy.handOver(for: asker.user)
                guard case .done = outcome else { return outcome.answer }
                Task {
                    // So that whoever asked still hears the answer.
                    try? await Task.sleep(for: .milliseconds(300))
                    await group.triggerGracefulShutdown()
                }
                return outcome.answer
            }
            let trouble = await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await signals.obeyed(by: group, log) { await self.reload(proxy, inheritance.manager, log) } }
                defer { tasks.cancelAll() }
                do {
                    try await group.run()
                    return nil as (any Error)?
                } catch {
                    return error
                }
            }
            defer { log.drain(milliseconds: 1000) }
            switch trouble {
            case nil: return
            case is BindFailure: throw ExitCode.unavailable
            case is CertificateFailures: throw ExitCode.config
            case let error?:
                log.write(Line("failed", .error).with("because", "\(error)"))
                throw ExitCode.software
            }
        }

        /// The first line. Without a config file it says so, and what to do next.
        static func begin(_ config: Config) -> Line {
            let line = Line("starting").with("version", Version.text).with("config", config.name).with("state", config.state.text)
            guard config.path == nil else { return line }
            let listener = config.listeners.first?.bind.first?.description ?? ""
            return line.with("because", "\(ConfigOption.standardPath) does not exist")
                .with(
                    "next",
                    "redirect mail here (\(listener)), see `mailshim firewall`; or name listeners and destinations in \(ConfigOption.standardPath)")
        }

        private func withLogFormat(_ config: Config) -> Config {
            var config = config
            if let format = self.logFormat { config.log.format = format }
            return config
        }

        private func reload(_ proxy: Proxy, _ manager: ServiceManager, _ log: Log) async {
            if proxy.isMain { manager.tell(.reloading) }
            defer { if proxy.isMain { manager.tell(.ready) } }
            do throws(ConfigErrors) {
                await proxy.reload(self.withLogFormat(try self.file.read(insteadOf: proxy.config)))
            } catch {
                proxy.reloadFailed()
                for error in error.errors { log.write(Line(error)) }
                log.write(.reloadFailed(errors: error.errors.count))
            }
        }
    }
}

extension StateLocation {
    fileprivate var text: String {
        switch self {
        case .file(let path): path
        case .memory: "memory"
        }
    }
}

extension Line {
    fileprivate init(_ error: ConfigError) {
        self = Line("config-error", .error).with("file", error.file).with("line", error.line).with("column", error.column)
            .with("key", error.key).with("because", error.message)
    }
}

extension HandOverOutcome {
    /// To `mailshim upgrade`.
    fileprivate var answer: AdminCommands.Answer {
        switch self {
        case .done(let successor, let milliseconds):
            .success(["pid": .integer(Int(successor)), "from": .integer(Int(getpid())), "milliseconds": .integer(milliseconds)])
        case .failed(let because): .failure(AdminFailure(.refused, "nothing has changed: \(because)"))
        }
    }
}
