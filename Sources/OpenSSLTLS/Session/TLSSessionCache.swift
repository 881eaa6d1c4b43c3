import Glibc
import Synchronization

/// Sessions to resume, by the server that gave them. Bounded: the oldest goes first. Safe to use from any thread.
///
/// A resumed session carries the verdict on the certificate chain that was found when it began, at most two hours ago; the name is looked at again.
/// So a session is only used again for the same address, name, setting and context.
public final class TLSSessionCache: Sendable {
    /// Where the sessions of one kind of connection are kept.
    public struct Place: Sendable {
        let cache: TLSSessionCache
        let address: String
        let setting: String
    }

    struct Key: Hashable, Sendable {
        let address: String
        let name: String?
        let setting: String
        /// Of the context.
        let generation: Int
    }

    private struct Kept: Sendable {
        let session: TLSSession
        let number: Int
    }

    private struct State: Sendable {
        var sessions: [Key: Kept] = [:]
        /// The order in which they came; those replaced or forgotten since are still in it.
        var order: [(key: Key, number: Int)] = []
        var number = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: how many sessions are kept, of 2 to 16 KB each.
    public init(limit: Int = 1000) { self.limit = max(1, limit) }

    /// - Parameters:
    ///   - address: the server's address and port.
    ///   - setting: what the caller demands of the connection, in any words of his own.
    public func place(address: String, setting: String) -> Place { Place(cache: self, address: address, setting: setting) }

    public var count: Int { self.state.withLock { $0.sessions.count } }

    public func removeAll() { self.state.withLock { $0 = State() } }

    func keep(_ session: TLSSession, for key: Key) {
        self.state.withLock { state in
            state.number += 1
            state.sessions[key] = Kept(session: session, number: state.number)
            state.order.append((key, state.number))
            if state.sessions.count > self.limit || state.order.count > 2 * self.limit { self.settle(&state) }
        }
    }

    /// The session stays: a server may take it again, and the next one replaces it.
    func session(for key: Key, now: Int = time(nil)) -> TLSSession? {
        self.state.withLock { state in
            guard let kept = state.sessions[key] else { return nil }
            guard kept.session.expires > now else {
                state.sessions[key] = nil
                return nil
            }
            return kept.session
        }
    }

    func forget(_ key: Key) { self.state.withLock { $0.sessions[key] = nil } }

    /// Tidies the order; where there are too many sessions, an eighth goes, so that this is seldom done.
    private func settle(_ state: inout State) {
        let current = state.order.filter { state.sessions[$0.key]?.number == $0.number }
        let excess = current.count > self.limit ? current.count - max(1, self.limit * 7 / 8) : 0
        for old in current.prefix(excess) { state.sessions[old.key] = nil }
        state.order = Array(current.dropFirst(excess))
    }
}
