import NIOCore

/// A repair under way: the gateway waits.
struct Rescue: Sendable {
    enum Stage: Hashable, Sendable {
        /// Replies to commands that were overtaken are still to come.
        case absorbing
        /// RSET was sent.
        case resetting
        /// A new connection is being made; `Connection.state` says how far.
        case connecting
        /// The envelope is sent again; so many entries were looked at.
        case replaying(next: Int)
    }

    var stage: Stage
    /// Nil: the connection had ended in the normal way, and there is nothing to prove.
    let cause: Cause?
    let began: NIODeadline
}
