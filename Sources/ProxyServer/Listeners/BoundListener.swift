import NIOCore
import NIOPosix
import Rules
import Synchronization

/// One bound address of a listener. What it does for new connections can be exchanged while it is open (reload).
final class BoundListener: Sendable {
    /// What has to stay the same for a reload to keep the socket.
    struct Key: Hashable, Sendable {
        let bind: SocketEndpoint
        let isTransparent: Bool

        init(_ order: AcceptContext) {
            self.bind = order.bind
            self.isTransparent = order.listener.destination == .tproxy
        }
    }

    /// What a connection that comes in meets.
    struct AcceptContext: Sendable {
        let listener: Listener
        /// One of the listener's.
        let bind: SocketEndpoint
        let snapshot: ConfigSnapshot
    }

    let key: Key
    private let order: Mutex<AcceptContext>
    private let opened = Mutex<Opened?>(nil)

    private struct Opened {
        let channel: any Channel
        /// Where accepted connections live.
        let loopDetector: any EventLoopGroup
    }

    init(_ order: AcceptContext) {
        self.key = Key(order)
        self.order = Mutex(order)
    }

    var current: AcceptContext { self.order.withLock { $0 } }
    func change(to order: AcceptContext) { self.order.withLock { $0 = order } }

    /// Where it listens, once it does.
    var address: SocketAddress? { self.opened.withLock { $0 }?.channel.localAddress }

    func open(on loopDetector: any EventLoopGroup) async throws(BindFailure) {
        let (listener, bind) = (self.current.listener, self.key.bind)
        do {
            let address = try SocketAddress(ipAddress: bind.host, port: bind.port)
            let channel = try await self.bootstrap(for: address, on: loopDetector).bind(to: address).get()
            self.opened.withLock { $0 = Opened(channel: channel, loopDetector: loopDetector) }
        } catch {
            throw BindFailure(listener: listener.name, bind: bind.description, because: BindFailure.words(for: error))
        }
    }

    /// No new connections; sessions go on, and so do those that were accepted and have none yet.
    ///
    /// A server channel that closes drops what it has accepted and not yet set up. So it stops accepting first, and what was accepted gets its
    /// pipeline: that takes a way to the connection's loop and back, and `AcceptHandler` is done within that.
    func close() async {
        guard let opened = self.opened.withLock({ exchange(&$0, with: nil) }) else { return }
        try? await opened.channel.setOption(.autoRead, value: false).get()
        for _ in 0..<2 {
            for loop in opened.loopDetector.makeIterator() { try? await loop.submit {}.get() }
            try? await opened.channel.eventLoop.submit {}.get()
        }
        try? await opened.channel.close()
    }

    private func bootstrap(for address: SocketAddress, on loopDetector: any EventLoopGroup) -> ServerBootstrap {
        let isV6 = if case .v6 = address { true } else { false }
        var bootstrap = ServerBootstrap(group: loopDetector)
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
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AcceptHandler(self.current)) }
            }
        if isV6 { bootstrap = bootstrap.serverChannelOption(.v6only, value: 1) }
        if self.key.isTransparent { bootstrap = bootstrap.serverChannelOption(isV6 ? .transparent6 : .transparent4, value: 1) }
        return bootstrap
    }
}
