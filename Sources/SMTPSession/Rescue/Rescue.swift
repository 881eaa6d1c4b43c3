import NIOCore

/// A repair under way: the gateway waits.
struct Rescue: Sendable {
    enum Stage: Hashable, Sendable {
        /// Replies to commands that were overtaken are still to come.
        case absorbing
        /// RSET was sent.
        case resetting
        /// The host has too many connections of ours: one more is tried then.
        case pausing(until: NIODeadline)
        /// A new connection is being made; `Connection.state` says how far.
        case connecting
        /// The envelope is sent again; so many entries were looked at.
        case replaying(next: Int)
    }

    var stage: Stage
    /// Nil: the connection had ended in the normal way, and there is nothing to prove.
    let cause: Cause?
    let began: NIODeadline
    /// Connections that were refused because of others of ours.
    var pauses = 0

    /// Before the next connection, where there are too many: 1, 4 and 16 s.
    static let pauses: [TimeAmount] = [.seconds(1), .seconds(4), .seconds(16)]
}
