import NIOCore
import Synchronization

/// Notices a connection of our own to a remote that netfilter sent back to us.
///
/// The same two ends are then found among what came in and what went out. Whichever of the two becomes known second finds the other here, so a loop is
/// noticed in its first round. Ends, not one address: local ports are shared by connections to unlike remotes.
final class Loops: Sendable {
    struct Ends: Hashable, Sendable {
        let near: SocketAddress
        let far: SocketAddress

        init(near: SocketAddress, far: SocketAddress) {
            (self.near, self.far) = (near.unmapped, far.unmapped)
        }
    }

    private struct State {
        var incoming: Set<Ends> = []
        var outgoing: Set<Ends> = []
    }

    private let state = Mutex(State())

    /// False: it comes from ourselves.
    func came(_ ends: Ends) -> Bool {
        self.state.withLock { state in
            guard !state.outgoing.contains(ends) else { return false }
            state.incoming.insert(ends)
            return true
        }
    }

    /// False: it leads to ourselves.
    func went(_ ends: Ends) -> Bool {
        self.state.withLock { state in
            guard !state.incoming.contains(ends) else { return false }
            state.outgoing.insert(ends)
            return true
        }
    }

    func ended(incoming ends: Ends) { _ = self.state.withLock { $0.incoming.remove(ends) } }

    func ended(outgoing ends: Ends) { _ = self.state.withLock { $0.outgoing.remove(ends) } }
}
