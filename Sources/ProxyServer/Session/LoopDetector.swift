import NIOCore
import Synchronization

/// Notices a connection of our own to a remote that netfilter sent back to us.
///
/// The same two ends are then found among what came in and what went out. Whichever of the two becomes known second finds the other here, so a loop is
/// noticed in its first round. Ends, not one address: local ports are shared by connections to unlike remotes.
final class LoopDetector: Sendable {
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
        /// Connections of ours that have not heard a word, by their host.
        var silent: [SocketAddress: Int] = [:]
    }

    /// So many connections of ours to one host may be waiting for its first word when a connection comes from there.
    static let mostSilent = 2
    /// Likewise, where gateway, Mailshim and host may all be on this machine.
    static let mostSilentHere = 100

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

    // MARK: Two that lead to each other

    /// A connection of ours to this host stands, and has not heard a word. `heard` is to follow, once.
    func awaits(_ host: SocketAddress) { self.state.withLock { $0.silent[host.unmapped.anyPort, default: 0] += 1 } }

    /// It has, or is gone.
    func heard(_ host: SocketAddress) {
        let host = host.unmapped.anyPort
        self.state.withLock { state in
            guard let count = state.silent[host] else { return }
            state.silent[host] = count > 1 ? count - 1 : nil
        }
    }

    /// So many connections of ours to this gateway wait for its first word. Where another Mailshim leads back to us it would come at the end of an endless row of
    /// connections; so none more is taken from there when `mostSilent` wait.
    func silent(to gateway: SocketAddress) -> Int { self.state.withLock { $0.silent[gateway.unmapped.anyPort] ?? 0 } }
}
