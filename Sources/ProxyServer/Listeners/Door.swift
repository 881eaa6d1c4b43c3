import NIOCore
import NIOPosix
import Rules
import Synchronization

/// One bound listener. What it does for new connections can be exchanged while it is open (reload).
final class Door: Sendable {
    /// What has to stay the same for a reload to keep the socket.
    struct Key: Hashable, Sendable {
        let bind: SocketEndpoint
        let isTransparent: Bool

        init(_ listener: Listener) {
            self.bind = listener.bind
            self.isTransparent = listener.destination == .tproxy
        }
    }

    /// What a connection that comes in meets.
    struct Order: Sendable {
        let listener: Listener
        let house: House
    }

    let key: Key
    private let order: Mutex<Order>
    private let channel = Mutex<(any Channel)?>(nil)

    init(_ order: Order) {
        self.key = Key(order.listener)
        self.order = Mutex(order)
    }

    var current: Order { self.order.withLock { $0 } }
    func change(to order: Order) { self.order.withLock { $0 = order } }

    /// Where it listens, once it does.
    var address: SocketAddress? { self.channel.withLock { $0 }?.localAddress }

    func open(on loops: any EventLoopGroup) async throws(BindFailure) {
        let listener = self.current.listener
        do {
            let address = try SocketAddress(ipAddress: listener.bind.host, port: listener.bind.port)
            let channel = try await self.bootstrap(for: address, on: loops).bind(to: address).get()
            self.channel.withLock { $0 = channel }
        } catch {
            throw BindFailure(listener: listener.name, bind: listener.bind.description, because: BindFailure.words(for: error))
        }
    }

    /// No new connections; sessions go on.
    func close() async {
        guard let channel = self.channel.withLock({ exchange(&$0, with: nil) }) else { return }
        try? await channel.close()
    }

    private func bootstrap(for address: SocketAddress, on loops: any EventLoopGroup) -> ServerBootstrap {
        let isV6 = if case .v6 = address { true } else { false }
        var bootstrap = ServerBootstrap(group: loops)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1024)
            // NIO reads all that is left at a FIN, although reading was paused: this bounds it. Accepted sockets inherit it.
            .serverChannelOption(.socketOption(.so_rcvbuf), value: 256 * 1024)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler()) }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.recvAllocator, value: UnpooledReceive())
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Reception(self.current)) }
            }
        if isV6 { bootstrap = bootstrap.serverChannelOption(.v6only, value: 1) }
        if self.key.isTransparent { bootstrap = bootstrap.serverChannelOption(isV6 ? .transparent6 : .transparent4, value: 1) }
        return bootstrap
    }
}
