import LearnedQuirks
public import NIOCore
import NIOPosix
public import OpenSSLTLS
public import QuirkKit
public import Rules
import SMTPSession
public import ServiceLifecycle
import Synchronization

/// Mailshim itself: listeners, sessions, memory. All I/O is in this module.
///
/// `run` goes on until a graceful shutdown (or cancellation, which does not wait for sessions).
public final class Proxy: Service {
    struct Current {
        var config: Config
        /// What new sessions are received with; nil before the first start.
        var snapshot: ConfigSnapshot?
    }

    private let catalogue: [any Quirk]
    private let trust: TLSTrust
    let services: SharedServices
    let memory: LearnedQuirks
    let eventLoops: MultiThreadedEventLoopGroup
    let doors: Listeners
    let current: Mutex<Current>
    private let whenOpen: @Sendable () -> Void
    /// Of the program, as `status` says it.
    let version: String
    let began = NIODeadline.now()
    let isStopping = Atomic(false)
    let admin = AdminServer()
    /// What others report of the health of the whole.
    public let health = HealthReports()

    /// What the admin socket can be asked; more can be added.
    public var adminCommands: AdminCommands { self.admin.commands }

    /// - Parameters:
    ///   - catalogue: the quirks that there are.
    ///   - trust: whose word counts for who a remote is.
    ///   - version: of the program, as `mailshim status` says it.
    ///   - whenOpen: called once, when all listeners are.
    public init(
        _ config: Config, catalogue: [any Quirk], trust: TLSTrust = .system, log: Log, version: String = "",
        whenOpen: @escaping @Sendable () -> Void = {}
    ) {
        self.version = version
        self.catalogue = catalogue
        self.trust = trust
        self.services = SharedServices(log: log)
        self.memory = LearnedQuirks(location: LearnedQuirks.Location(config.state), policy: LearnedQuirks.Policy(config)) { log.write(Line($0)) }
        self.eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        self.doors = Listeners(on: self.eventLoops, services: self.services)
        self.current = Mutex(Current(config: config))
        self.whenOpen = whenOpen
        self.registerCommands()
    }

    /// - Throws: `BindFailure` where a listener cannot be opened, `CertificateFailures` where their certificates are of no use.
    public func run() async throws {
        do {
            try await self.open()
            self.whenOpen()
            await withTaskGroup { tasks in
                tasks.addTask { await self.memory.run() }
                try? await gracefulShutdown()
                await self.stop()
                tasks.cancelAll()
            }
        } catch {
            await self.doors.closeAll()
            await self.admin.shutdown()
            try? await self.eventLoops.shutdownGracefully()
            throw error
        }
        await self.admin.shutdown()
        try await self.eventLoops.shutdownGracefully()
    }

    /// For new sessions; those that there are go on as they began. Where something of it cannot be had, all stays as it was, and the log says why.
    public func reload(_ config: Config) async {
        let snapshot: ConfigSnapshot
        do throws(CertificateFailures) {
            snapshot = try self.snapshot(config)
        } catch {
            for failure in error.failures { self.services.log.write(Line(failure)) }
            return self.services.log.write(.reloadFailed(errors: error.failures.count))
        }
        switch await self.doors.change(to: config.listeners, in: snapshot) {
        case .done: break
        case .failed(let failures):
            for failure in failures { self.services.log.write(Line(failure)) }
            return self.services.log.write(.reloadFailed(errors: failures.count))
        case .tooLate: return self.services.log.write(.reloadIgnored)
        }
        let before = self.current.withLock { $0.config }
        if before.admin != config.admin {
            do throws(BindFailure) { try await self.openAdmin(config.admin) } catch { self.services.log.write(Line(error)) }
        }
        if before.state != config.state {
            self.services.log.write(Line("reload", .warn).with("key", "state").with("needs", "a restart; what is learned stays where it was"))
        }
        self.services.log.update(config.log)
        self.memory.update(policy: LearnedQuirks.Policy(config))
        self.current.withLock { $0 = Current(config: config, snapshot: snapshot) }
        self.services.log.write(Line("reloaded").with("config", config.path ?? "built-in defaults").with("listeners", config.listeners.count))
    }

    /// What new sessions are received with.
    public var config: Config { self.current.withLock { $0.config } }

    /// The listeners that are open, by name, with their addresses (a port 0 is filled in).
    public var listening: [(listener: String, address: SocketAddress)] { get async { await self.doors.bound } }

    /// Sessions that have not ended.
    public var sessionCount: Int { self.services.sessions.count }

    private func open() async throws {
        let config = self.current.withLock { $0.config }
        do throws(CertificateFailures) {
            let snapshot = try self.snapshot(config)
            self.current.withLock { $0.snapshot = snapshot }
        } catch {
            for failure in error.failures { self.services.log.write(Line(failure)) }
            throw error
        }
        guard let snapshot = self.current.withLock({ $0.snapshot }) else { return }
        if case .failed(let failures) = await self.doors.change(to: config.listeners, in: snapshot) {
            for failure in failures { self.services.log.write(Line(failure)) }
            if let failure = failures.first { throw failure }
        }
        do throws(BindFailure) {
            try await self.openAdmin(config.admin)
        } catch {
            self.services.log.write(Line(error))
            throw error
        }
    }

    /// No new sessions; those that there are finish their message, for at most `drain`.
    private func stop() async {
        self.isStopping.store(true, ordering: .relaxed)
        await self.doors.closeAll()
        let sessions = self.services.sessions
        let drain = self.current.withLock { $0.config.timeouts.drain }
        self.services.log.write(Line("stopping").with("sessions", sessions.count).with("drain", "\(drain)s"))
        for session in sessions.all { session.tell(.event(.shutdown)) }
        await self.wait(forAtMost: .seconds(drain))
        let left = sessions.all
        for session in left { session.tell(.event(.timeIsUp)) }
        // So that last words are heard: a gateway that does not close is closed by then.
        await self.wait(forAtMost: .nanoseconds(ConnectionHandler.patience.nanoseconds) + .milliseconds(100))
        for session in sessions.all { session.tell(.abort) }
        self.services.log.write(Line("stopped").with("aborted", left.count))
    }

    /// For all sessions to end.
    private func wait(forAtMost time: Duration) async {
        let end = ContinuousClock.now + time
        while self.services.sessions.count > 0, ContinuousClock.now < end {
            guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { break }
        }
    }

    private func snapshot(_ config: Config) throws(CertificateFailures) -> ConfigSnapshot {
        let encryption = try Encryption(config, trust: self.trust, own: self.services.ownCertificate)
        let files = FileLimit.raise()
        let most = min(config.limits.sessions, FileLimit.sessions(files: files))
        if most < config.limits.sessions {
            self.services.log.write(
                Line("sessions-clamped", .warn).with("configured", config.limits.sessions).with("allowed", most).with("files", files)
                    .with("fix", "raise the limit of open files (ulimit -n, LimitNOFILE=)"))
        }
        return ConfigSnapshot(
            config, catalogue: self.catalogue, memory: self.memory, mostSessions: most, encryption: encryption, services: self.services)
    }
}

extension LearnedQuirks.Location {
    init(_ state: StateLocation) {
        switch state {
        case .file(let path): self = .file(path)
        case .memory: self = .memory
        }
    }
}
