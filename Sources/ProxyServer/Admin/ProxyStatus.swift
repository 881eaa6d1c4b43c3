import AdminProtocol

/// What `mailshim status` shows of one process. The names of its members are a promise.
struct ProxyStatus: Sendable {
    struct Listener: Hashable, Sendable {
        var name: String
        var bind: [String]
        var destination: String
        var isAccepting: Bool
        var sessions: Int
    }

    enum State: String, Hashable, Sendable { case ready, degraded, notServing = "not-serving" }

    var version = ""
    var hostname = ""
    var pid = 0
    /// Seconds.
    var uptime = 0
    var isDraining = false
    /// Processes before this one that finish their sessions.
    var predecessors: [DrainingProcess] = []
    var sessions = 0
    var mostSessions = 0
    var listeners: [Listener] = []
    /// Milliseconds that a task waits for its turn, by event loop; nil: not within a second.
    var loops: [Double?] = []
    var checks: [HealthCheck] = []
    /// Of the learned store.
    var entries = 0
    /// Sessions, by whom they wait for.
    var waits: [(name: String, sessions: Int)] = []
    var bypasses: [JSON] = []
    /// The last five minutes.
    var recent = JSON.null

    var state: State {
        if self.isDraining || self.listeners.isEmpty { return .notServing }
        switch self.checks.map(\.state).max() ?? .ok {
        case .ok: return .ready
        case .warn: return .degraded
        case .fail: return .notServing
        }
    }

    var json: JSON {
        [
            "version": .string(self.version), "hostname": .string(self.hostname), "pid": .integer(self.pid), "uptime": .integer(self.uptime),
            "state": .string(self.state.rawValue), "draining": .boolean(self.isDraining),
            "predecessors": .array(self.predecessors.map(\.json)),
            "sessions": ["active": .integer(self.sessions), "most": .integer(self.mostSessions)],
            "listeners": .array(self.listeners.map(\.json)),
            "loops": .array(self.loops.map { ["lag_ms": $0.map { .real($0) } ?? .null] }),
            "checks": .array(self.checks.map(\.json)),
            "learned": ["entries": .integer(self.entries)],
            "bypasses": .array(self.bypasses),
            "waiting": .object(self.waits.map { JSON.Member($0.name, .integer($0.sessions)) }),
            "recent": self.recent,
        ]
    }
}

extension ProxyStatus.Listener {
    var json: JSON {
        [
            "name": .string(self.name), "bind": .array(self.bind.map { .string($0) }), "destination": .string(self.destination),
            "accepting": .boolean(self.isAccepting), "sessions": .integer(self.sessions),
        ]
    }
}
