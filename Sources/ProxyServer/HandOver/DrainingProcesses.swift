import AdminProtocol
import NIOCore
import SMTPSession
import Synchronization

/// A process that has handed over and finishes its sessions.
struct DrainingProcess: Hashable, Sendable {
    var pid: Int
    var sessions: Int
    /// The age of its oldest session, in seconds, and what that is doing.
    var oldest: Int
    var stage: String

    var json: JSON {
        [
            "pid": .integer(self.pid), "sessions": .integer(self.sessions), "oldest_seconds": .integer(self.oldest), "stage": .string(self.stage),
        ]
    }

    init(pid: Int, sessions: Int, oldest: Int, stage: String) {
        (self.pid, self.sessions, self.oldest, self.stage) = (pid, sessions, oldest, stage)
    }

    init(pid: Int, _ sessions: [SessionSummary]) {
        let oldest = sessions.max { $0.ageSeconds < $1.ageSeconds }
        self.init(pid: pid, sessions: sessions.count, oldest: Int(oldest?.ageSeconds ?? 0), stage: oldest?.stage.name ?? "none")
    }
}

/// Those before this one, as they tell once a second.
final class DrainingProcesses: Sendable {
    /// Not told again for so long, it is gone.
    private static let patience = TimeAmount.seconds(5)

    private let told = Mutex<[Int: (process: DrainingProcess, until: NIODeadline)]>([:])

    func note(_ process: DrainingProcess, at now: NIODeadline = .now()) {
        self.told.withLock { told in
            told = told.filter { $0.value.until >= now }
            if told.count < 16 || told[process.pid] != nil { told[process.pid] = (process, now + Self.patience) }
        }
    }

    /// The one that told has ended, and with it the way to those before it.
    func removeAll() { self.told.withLock { $0.removeAll() } }

    func all(at now: NIODeadline = .now()) -> [DrainingProcess] {
        self.told.withLock { told in told.values.filter { $0.until >= now }.map(\.process) }.sorted { $0.pid < $1.pid }
    }
}
