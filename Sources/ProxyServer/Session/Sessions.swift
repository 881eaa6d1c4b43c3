import NIOCore
import Synchronization

/// All sessions that there are, counted in all and for each gateway.
final class Sessions: Sendable {
    enum Admission: Hashable, Sendable { case admitted, tooMany, tooManyFromGateway }

    private struct State {
        var all: [SessionID: SessionHandle] = [:]
        var byGateway: [SocketAddress: Int] = [:]
    }

    private let state = Mutex(State())

    var count: Int { self.state.withLock { $0.all.count } }
    var all: [SessionHandle] { self.state.withLock { Array($0.all.values) } }

    /// By its name in the log.
    func named(_ id: String) -> SessionHandle? { self.state.withLock { $0.all.first { $0.key.description == id }?.value } }

    func admit(_ session: SessionHandle, from gateway: SocketAddress, most: Int, mostPerGateway: Int) -> Admission {
        let gateway = gateway.anyPort
        return self.state.withLock { state in
            guard state.all.count < most else { return .tooMany }
            guard state.byGateway[gateway, default: 0] < mostPerGateway else { return .tooManyFromGateway }
            state.all[session.id] = session
            state.byGateway[gateway, default: 0] += 1
            return .admitted
        }
    }

    func remove(_ id: SessionID, from gateway: SocketAddress) {
        let gateway = gateway.anyPort
        self.state.withLock { state in
            guard state.all.removeValue(forKey: id) != nil, let count = state.byGateway[gateway] else { return }
            state.byGateway[gateway] = count > 1 ? count - 1 : nil
        }
    }
}
