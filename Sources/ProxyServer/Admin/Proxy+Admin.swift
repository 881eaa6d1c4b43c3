import AdminProtocol
import Glibc
import NIOCore
import Rules
import Synchronization

/// The admin socket of a running proxy.
extension Proxy {
    /// Seconds that an event loop has to answer.
    private static let patience = TimeAmount.seconds(1)

    func registerCommands() {
        self.registerPulse()
        self.adminCommands.register("status") { [weak self] _, _ in
            guard let self else { return .failure(AdminFailure(.refused, "it has stopped")) }
            return .success(await self.status().json)
        }
    }

    /// Listens where the config says. Where nobody wrote the path, that it cannot is no reason not to run.
    func openAdmin(_ settings: AdminSettings) async throws(BindFailure) {
        do throws(AdminSocket.Failure) {
            try await self.admin.listen(on: settings.socket)
        } catch {
            let path = settings.socket ?? ""
            guard !settings.isSocketWritten else { throw BindFailure(listener: "admin", bind: path, because: error.because) }
            return self.services.log.write(
                Line("admin-unavailable", .warn).with("socket", path).with("because", error.because)
                    .with("effect", "mailshim status, sessions, kill, bypass and metrics cannot ask this process"))
        }
        if let path = self.admin.path { self.services.log.write(Line("admin-listening").with("socket", path)) }
    }

    /// Makes the socket anew where it was: a successor that came to nothing may have taken it.
    func retakeAdmin() async {
        guard self.admin.path != nil else { return }
        await self.admin.close()
        await self.takeOverAdmin()
    }

    /// Takes the socket of the process whose place this one takes.
    public func takeOverAdmin() async {
        guard let path = self.config.admin.socket else { return }
        do throws(AdminSocket.Failure) {
            try await self.admin.listen(on: path, replacing: .any)
            self.services.log.write(Line("admin-listening").with("socket", path))
        } catch {
            self.services.log.write(Line("admin-unavailable", .warn).with("socket", path).with("because", error.because))
        }
    }

    func status() async -> ProxyStatus {
        let (config, snapshot) = self.current.withLock { ($0.config, $0.snapshot) }
        let lags = await EventLoopProbe.lags(of: self.eventLoops, within: Self.patience, from: self.admin.loop)
        let bound = await self.listening
        var status = ProxyStatus()
        status.version = self.version
        status.hostname = config.hostname
        status.pid = Int(getpid())
        status.uptime = Int((NIODeadline.now() - self.began).nanoseconds / 1_000_000_000)
        status.isDraining = self.isStopping.load(ordering: .relaxed)
        status.sessions = self.services.sessions.count
        status.mostSessions = snapshot?.mostSessions ?? config.limits.sessions
        status.loops = lags
        status.listeners = config.listeners.map { listener in
            let open = bound.filter { $0.listener == listener.name }
            return ProxyStatus.Listener(
                name: listener.name, bind: open.isEmpty ? listener.bind.map(\.description) : open.map(\.address.text),
                destination: listener.destination.word, isAccepting: !open.isEmpty, sessions: 0)
        }
        status.checks = Self.checks(status) + self.health.checks()
        return status
    }

    private static func checks(_ status: ProxyStatus) -> [HealthCheck] {
        var checks = status.listeners.map { listener in
            HealthCheck(
                "listener", subject: listener.name, listener.isAccepting ? .ok : .fail,
                listener.isAccepting ? "accepts on \(listener.bind.joined(separator: ", "))" : "is closed")
        }
        let stuck = status.loops.count { $0 == nil }
        checks.append(
            HealthCheck("event loops", stuck == 0 ? .ok : .fail, stuck == 0 ? "\(status.loops.count) answer" : "\(stuck) do not answer within 1 s"))
        return checks
    }
}
