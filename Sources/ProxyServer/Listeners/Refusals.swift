import NIOCore
import Synchronization

/// Who was refused by `allow`, so that the log has one line an address and minute of it and not one a connection.
final class Refusals: Sendable {
    struct Stranger: Hashable, Sendable {
        let listener: String
        /// Port 0.
        let gateway: SocketAddress
    }

    /// Whom a line is about.
    enum Subject: Hashable, Sendable {
        case stranger(Stranger)
        /// Those beyond `mostStrangers`.
        case others(listener: String)

        /// Nil for the others.
        var address: String? {
            switch self {
            case .stranger(let stranger): stranger.gateway.ipAddress
            case .others: nil
            }
        }
    }

    /// What a line says.
    struct Summary: Hashable, Sendable {
        let subject: Subject
        /// Connections refused since the line before.
        let count: Int
    }

    static let interval = TimeAmount.minutes(1)
    /// Addresses with a line of their own; those beyond share one for each listener.
    static let mostStrangers = 1024

    /// Refused since their last line.
    private let waiting = Mutex<[Subject: Int]>([:])

    /// A connection was refused. A summary: it is the first of a minute, write it now, and ask `passed` when that is over. Nil: it is counted for that.
    func refused(_ stranger: Stranger) -> Summary? {
        self.waiting.withLock { waiting in
            var subject = Subject.stranger(stranger)
            if waiting[subject] == nil, waiting.count >= Self.mostStrangers { subject = .others(listener: stranger.listener) }
            if let count = waiting[subject] {
                waiting[subject] = count + 1
                return nil
            }
            waiting[subject] = 0
            return Summary(subject: subject, count: 1)
        }
    }

    /// A minute is over. A summary: there were more, write it, and ask again in a minute. Nil: there were none, and the next is a first one.
    func passed(for subject: Subject) -> Summary? {
        self.waiting.withLock { waiting in
            guard let count = waiting[subject], count > 0 else {
                waiting[subject] = nil
                return nil
            }
            waiting[subject] = 0
            return Summary(subject: subject, count: count)
        }
    }
}
