import AdminProtocol
import NIOCore
import SMTPSession

/// One session as `mailshim sessions` shows it. The names of its members are a promise. No mailbox is in it.
struct SessionSummary: Hashable, Sendable {
    var id: String
    var listener: String
    var gateway: String
    var remote: String
    var host: String
    var stage: Activity.Stage
    var awaits: Activity.Party
    /// In this stage.
    var stageSeconds: Double
    var ageSeconds: Double
    var messages: Int
    var connections: Int
    /// At work for the last message.
    var quirks: [String]

    var json: JSON {
        [
            "session": .string(self.id), "listener": .string(self.listener), "gateway": .string(self.gateway), "remote": .string(self.remote),
            "host": .string(self.host), "stage": .string(self.stage.name), "waits_for": .string(self.awaits.name),
            "stage_seconds": .real(Self.rounded(self.stageSeconds)), "age_seconds": .real(Self.rounded(self.ageSeconds)),
            "messages": .integer(self.messages), "connections": .integer(self.connections), "quirks": .array(self.quirks.map { .string($0) }),
        ]
    }

    private static func rounded(_ seconds: Double) -> Double { (seconds * 1000).rounded() / 1000 }
}

/// Which sessions are asked for.
struct SessionFilter: Hashable, Sendable {
    /// In their stage for at least so many seconds.
    var older = 0.0
    /// "192.0.2.1" or "192.0.2.1:25".
    var remote: String?
    var limit = 1000

    func takes(_ summary: SessionSummary) -> Bool {
        guard summary.stageSeconds >= self.older else { return false }
        guard let remote else { return true }
        return [summary.remote, summary.host].contains(remote)
            || ["\(remote):", "[\(remote)]:"].contains { summary.remote.hasPrefix($0) }
    }

    init() {}

    init(_ arguments: JSON) throws(AdminFailure) {
        if case let older = arguments["older"], older != .null {
            guard let seconds = older.real, seconds >= 0 else { throw AdminFailure(.usage, "older: a number of seconds") }
            self.older = seconds
        }
        if case let remote = arguments["remote"], remote != .null {
            guard let text = remote.string else { throw AdminFailure(.usage, "remote: an address, with or without a port, or a host's name") }
            self.remote = text
        }
        if case let limit = arguments["limit"], limit != .null {
            guard let number = limit.integer, (1...100_000).contains(number) else { throw AdminFailure(.usage, "limit: a number from 1 to 100000") }
            self.limit = number
        }
    }
}

/// Looks at all sessions, a slice of them in each turn of their event loop: whoever sends mail meanwhile does not notice.
enum SessionGathering {
    static let slice = 100

    static func summaries(of sessions: [SessionHandle], _ filter: SessionFilter, from loop: any EventLoop) async -> [SessionSummary] {
        let byLoop = Dictionary(grouping: sessions) { ObjectIdentifier($0.loop) }
        let futures = byLoop.values.map { handles in
            let promise = loop.makePromise(of: [SessionSummary].self)
            Self.goOn(handles[...], [], filter, promise, after: .zero)
            return promise.futureResult
        }
        var all: [SessionSummary] = []
        for future in futures { all += (try? await future.get()) ?? [] }
        all.sort { ($0.stageSeconds, $1.id) > ($1.stageSeconds, $0.id) }
        return Array(all.prefix(filter.limit))
    }

    private static func goOn(
        _ handles: ArraySlice<SessionHandle>, _ found: [SessionSummary], _ filter: SessionFilter, _ promise: EventLoopPromise<[SessionSummary]>,
        after pause: TimeAmount
    ) {
        guard let loop = handles.first?.loop else { return promise.succeed(found) }
        // A moment ahead, since NIO does all tasks that are due before it looks at a socket again.
        loop.scheduleTask(in: pause) {
            let more = handles.prefix(Self.slice).compactMap(\.summary).filter(filter.takes)
            Self.goOn(handles.dropFirst(Self.slice), found + more, filter, promise, after: NextTurns.pause)
        }
    }
}
