import AdminProtocol
import Glibc
import LearnedQuirks
import NIOCore
import Rules
import SMTPSession
import Synchronization

/// How a running proxy is.
extension Proxy {
    /// That an event loop has to answer.
    private static let patience = TimeAmount.seconds(1)
    /// Before a certificate expires somebody should know.
    private static let certificateWarning = 14 * 86_400

    func status() async -> ProxyStatus {
        let (config, snapshot, file) = self.current.withLock { ($0.config, $0.snapshot, $0.file) }
        let lags = await EventLoopProbe.lags(of: self.eventLoops, within: Self.patience, from: self.admin.loop)
        let bound = await self.listening
        let metrics = self.services.metrics
        var status = ProxyStatus()
        status.version = self.version
        status.hostname = config.hostname
        status.pid = Int(getpid())
        status.uptime = Int((NIODeadline.now() - self.began).nanoseconds / 1_000_000_000)
        status.predecessors = self.succession.draining.all()
        status.isDraining = self.isStopping.load(ordering: .relaxed)
        status.sessions = self.services.sessions.count
        status.mostSessions = snapshot?.mostSessions ?? config.limits.sessions
        status.loops = lags
        status.listeners = config.listeners.map { listener in
            let open = bound.filter { $0.listener == listener.name }
            return ProxyStatus.Listener(
                name: listener.name, bind: open.isEmpty ? listener.bind.map(\.description) : open.map(\.address.text),
                destination: listener.destination.word, isAccepting: !open.isEmpty, sessions: metrics.listener(listener.name).active)
        }
        status.recent = self.traffic.difference(to: metrics.sample(at: Self.uptime)).json
        status.waits = Activity.Party.allCases.map { ($0.name, metrics.waits[$0.rawValue]) }
        status.entries = self.memory.all.count
        status.checks = status.ownChecks + [
            Self.check(state: config.state, isUsable: metrics.isStateUsable.load(ordering: .relaxed), entries: status.entries),
            Self.check(config, file, wasTaken: metrics.reloads.wasSuccessful.load(ordering: .relaxed)),
        ]
        status.bypasses = self.memory.bypasses(at: wallClock()).map(\.json)
        status.checks += Self.checks(ofCertificates: config, snapshot) + self.health.checks()
        return status
    }

    /// Of all sessions that have not ended.
    var sessionSummaries: [SessionSummary] {
        get async {
            var everyone = SessionFilter()
            everyone.limit = .max
            return await SessionGathering.summaries(of: self.services.sessions.all, everyone, from: self.admin.loop)
        }
    }

    static var uptime: Double { Double(NIODeadline.now().uptimeNanoseconds) / 1e9 }

    /// Keeps what `status` says of the last minutes.
    func sampleTraffic() {
        let (metrics, traffic) = (self.services.metrics, self.traffic)
        self.admin.loop.scheduleRepeatedTask(initialDelay: .zero, delay: .seconds(Int64(RecentTraffic.interval))) { _ in
            traffic.add(metrics.sample(at: Self.uptime))
        }
    }

    private static func check(state: StateLocation, isUsable: Bool, entries: Int) -> HealthCheck {
        switch state {
        case .memory: HealthCheck("learned store", .ok, "in memory, forgotten at exit   \(entries) entries")
        case .file(let path) where isUsable: HealthCheck("learned store", .ok, "\(path)   \(entries) entries")
        case .file(let path):
            HealthCheck("learned store", .warn, "\(path) cannot be used: what is learned is forgotten at exit; see event=state-unusable")
        }
    }

    private static func check(_ config: Config, _ file: FileStamp?, wasTaken: Bool) -> HealthCheck {
        guard wasTaken else { return HealthCheck("config", .warn, "the last reload failed, the config before it holds; see mailshim check") }
        guard let path = config.path, let file else { return HealthCheck("config", .ok, "built-in defaults") }
        let loaded = "loaded \(Moment(at: file.at).minute)"
        guard let now = FileStamp(of: path) else { return HealthCheck("config", .warn, "\(loaded); \(path) is gone since") }
        guard now.isSame(as: file) else { return HealthCheck("config", .warn, "\(loaded); \(path) changed since: reload, or see mailshim check") }
        return HealthCheck("config", .ok, "\(loaded), file unchanged since")
    }

    private static func checks(ofCertificates config: Config, _ snapshot: ConfigSnapshot?) -> [HealthCheck] {
        config.listeners.compactMap { listener in
            guard let expiry = snapshot?.encryption.expiries[listener.tls], expiry - wallClock() < Self.certificateWarning else { return nil }
            let (left, day) = ((expiry - wallClock()) / 86_400, Moment(at: expiry).day)
            let words = expiry <= wallClock() ? "expired on \(day)" : "expires in \(left) \(left == 1 ? "day" : "days") (\(day))"
            return HealthCheck("certificate", subject: listener.name, .warn, words)
        }
    }
}

extension ProxyStatus {
    fileprivate var ownChecks: [HealthCheck] {
        var checks = self.listeners.map { listener in
            let place = listener.bind.joined(separator: ", ")
            return HealthCheck(
                "listener", subject: listener.name, listener.isAccepting ? .ok : .fail,
                listener.isAccepting
                    ? "\(place)   \(listener.destination)   \(listener.sessions) sessions of \(self.mostSessions)" : "\(place) is closed")
        }
        let stuck = self.loops.count { $0 == nil }
        let slowest = self.loops.compactMap(\.self).max() ?? 0
        let words = "\(self.loops.count) answer, the slowest in \((slowest * 10).rounded() / 10) ms"
        checks.append(HealthCheck("event loops", stuck == 0 ? .ok : .fail, stuck == 0 ? words : "\(stuck) do not answer within 1 s"))
        return checks
    }
}
