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
        /// The file as it was when it was read.
        var file: FileStamp?

        init(config: Config, snapshot: ConfigSnapshot? = nil) {
            (self.config, self.snapshot) = (config, snapshot)
            self.file = config.path.flatMap { FileStamp(of: $0) }
        }
    }

    private let catalogue: Catalogue
    private let trust: TLSTrust
    let services: SharedServices
    let memory: LearnedQuirks
    let eventLoops: MultiThreadedEventLoopGroup
    let doors: Listeners
    let current: Mutex<Current>
    let inheritance: Inheritance
    let succession: HandOver
    private let whenOpen: @Sendable () -> Void
    /// Of the program, as `status` says it.
    let version: String
    let began = NIODeadline.now()
    let isStopping = Atomic(false)
    let admin = AdminServer()
    let http = HTTPServer()
    let traffic = RecentTraffic()
    /// What others report of the health of the whole.
    public let health = HealthReports()

    /// What the admin socket can be asked; more can be added.
    public var adminCommands: AdminCommands { self.admin.commands }

    /// - Parameters:
    ///   - catalogue: the quirks that there are.
    ///   - trust: whose word counts for who a remote is.
    ///   - version: of the program, as `mailshim status` says it.
    ///   - inheritance: what the process was given at its start.
    ///   - whenOpen: called once, when all listeners are.
    public init(
        _ config: Config, catalogue: [any Quirk], trust: TLSTrust = .system, log: Log, version: String = "",
        inheritance: Inheritance = Inheritance(), whenOpen: @escaping @Sendable () -> Void = {}
    ) {
        self.version = version
        self.catalogue = Catalogue(catalogue)
        self.trust = trust
        let services = SharedServices(log: log, quirks: catalogue.map(\.description.name))
        self.services = services
        self.memory = LearnedQuirks(location: LearnedQuirks.Location(config.state), policy: LearnedQuirks.Policy(config)) { event in
            services.metrics.count(event)
            log.write(Line(event))
        }
        self.eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        self.doors = Listeners(on: self.eventLoops, services: self.services, passed: inheritance.sockets, manager: inheritance.manager,
            areAccepting: !inheritance.isSuccessor)
        self.inheritance = inheritance
        self.succession = HandOver(inheritance, on: self.eventLoops, services: self.services)
        self.current = Mutex(Current(config: config))
        self.whenOpen = whenOpen
        self.registerCommands()
    }

    /// - Throws: `BindFailure` where a listener cannot be opened, `CertificateFailures` where their certificates are of no use.
    public func run() async throws {
        do {
            try await self.open()
            self.whenOpen()
            self.succession.tellPredecessor()
            await self.succession.awaitTurn()
            await self.doors.accept()
            self.inheritance.manager.tell(.ready, .status(self.statusLine))
            await withTaskGroup { tasks in
                tasks.addTask { await self.memory.run() }
                tasks.addTask { await self.heartbeat.run() }
                try? await gracefulShutdown()
                if self.succession.isDone {
                    tasks.addTask { await self.succession.care() }
                    tasks.addTask { await self.succession.report { await self.sessionSummaries } }
                }
                await self.stop()
                tasks.cancelAll()
            }
        } catch {
            await self.doors.closeAll()
            await self.http.close()
            await self.admin.shutdown()
            try? await self.eventLoops.shutdownGracefully()
            throw error
        }
        await self.http.close()
        await self.admin.shutdown()
        try await self.eventLoops.shutdownGracefully()
    }

    /// For new sessions; those that there are go on as they began. Where something of it cannot be had, all stays as it was, and the log says why.
    ///
    /// - Parameter author: who wants it, for the record.
    public func reload(_ config: Config, by author: String = "SIGHUP") async {
        self.services.metrics.reloads.wasSuccessful.store(await self.take(config, by: author), ordering: .relaxed)
    }

    /// The config was read again, and has errors.
    public func reloadFailed() { self.services.metrics.reloads.wasSuccessful.store(false, ordering: .relaxed) }

    /// - Returns: whether it holds from now on.
    private func take(_ config: Config, by author: String) async -> Bool {
        let snapshot: ConfigSnapshot
        do throws(CertificateFailures) {
            snapshot = try self.snapshot(config)
        } catch {
            for failure in error.failures { self.services.log.write(Line(failure)) }
            self.services.log.write(.reloadFailed(errors: error.failures.count))
            return false
        }
        switch await self.doors.change(to: config.listeners, in: snapshot) {
        case .done: break
        case .failed(let failures):
            for failure in failures { self.services.log.write(Line(failure)) }
            self.services.log.write(.reloadFailed(errors: failures.count))
            return false
        case .tooLate:
            self.services.log.write(.reloadIgnored)
            return false
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
        self.services.metrics.reloads.last.store(wallClock(), ordering: .relaxed)
        await self.memory.record(AuditEntry(at: wallClock(), action: "reload", detail: config.path ?? "built-in defaults", user: author))
        return true
    }

    /// Starts this program anew, with our listening sockets. When the new process listens, this one does not any more, and the caller should stop it; where it
    /// does not within the time given, it is ended, and nothing has happened.
    ///
    /// - Parameter asker: who wants it.
    public func handOver(for asker: String = "", within patience: Duration = .seconds(30)) async -> HandOverOutcome {
        self.services.log.write(Line("hand-over-asked").with("by", asker))
        guard !self.isStopping.load(ordering: .relaxed) else { return .failed("it is stopping, or has handed over already") }
        let outcome = await self.succession.begin(self.doors.sockets, within: patience) { await self.doors.pause() }
        switch outcome {
        case .done(let successor, let milliseconds):
            self.services.log.write(Line("handed-over").with("successor", Int(successor)).with("ms", milliseconds))
            await self.doors.closeAll()
            await self.admin.close()
        case .failed(let because):
            await self.retakeAdmin()
            self.services.log.write(Line("hand-over-failed", .error).with("because", because).with("effect", "this process goes on"))
        }
        return outcome
    }

    /// Whether no successor has taken over.
    public var isMain: Bool { !self.succession.isDone }

    /// In one line.
    private var statusLine: String {
        let (sessions, listeners) = (self.sessionCount, self.config.listeners.count)
        return "\(sessions) session\(sessions == 1 ? "" : "s"), \(listeners) listener\(listeners == 1 ? "" : "s")"
            + (self.succession.hasPredecessor ? ", the process before still drains" : "")
    }

    private var heartbeat: Heartbeat {
        Heartbeat(manager: self.inheritance.manager, eventLoops: self.eventLoops, isMain: { !self.succession.isDone }, status: { self.statusLine })
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
        for socket in self.inheritance.sockets.unusable { self.services.log.write(Line(socket)) }
        await self.succession.hearPredecessor()
        if case .failed(let failures) = await self.doors.change(to: config.listeners, in: snapshot) {
            for failure in failures { self.services.log.write(Line(failure)) }
            if let failure = failures.first { throw failure }
        }
        do throws(BindFailure) {
            if self.succession.hasPredecessor { await self.takeOverAdmin() } else { try await self.openAdmin(config.admin) }
        } catch {
            self.services.log.write(Line(error))
            throw error
        }
        self.services.metrics.reloads.last.store(wallClock(), ordering: .relaxed)
        self.sampleTraffic()
    }

    /// No new sessions; those that there are finish their message, for at most `drain`.
    private func stop() async {
        self.isStopping.store(true, ordering: .relaxed)
        if !self.succession.isDone { self.succession.leave() }
        self.services.places.isDraining.store(self.succession.isDone, ordering: .relaxed)
        // Who succeeds this process answers for both.
        if self.succession.isDone { await self.http.close() } else { self.inheritance.manager.tell(.stopping) }
        await self.doors.closeAll()
        let sessions = self.services.sessions
        let drain = self.current.withLock { $0.config.timeouts.drain }
        self.services.log.write(Line("stopping").with("sessions", sessions.count).with("drain", "\(drain)s"))
        // A successor takes what comes, so there is time for those that have just come: who hears 421 puts its mail off.
        if self.succession.isDone { await self.wait(forAtMost: .seconds(min(Self.grace, drain / 4))) }
        for session in sessions.all { session.tell(.event(.shutdown)) }
        await self.wait(forAtMost: .seconds(drain))
        let left = sessions.all
        for session in left { session.tell(.event(.timeIsUp)) }
        // So that last words are heard: a gateway that does not close is closed by then.
        await self.wait(forAtMost: .nanoseconds(ConnectionHandler.patience.nanoseconds) + .milliseconds(100))
        for session in sessions.all { session.tell(.abort) }
        self.services.log.write(Line("stopped").with("aborted", left.count))
    }

    /// Seconds that sessions may go on as if nothing were, while a successor takes new ones.
    private static let grace = 10

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
