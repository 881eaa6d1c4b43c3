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
        /// Of the listener, over all reloads.
        let metrics: ListenerMetrics
        /// Where a destination leads that is an address.
        let fixed: RemoteEndpoint?

        init(listener: Listener, bind: SocketEndpoint, snapshot: ConfigSnapshot) {
            (self.listener, self.bind, self.snapshot) = (listener, bind, snapshot)
            self.metrics = snapshot.metrics.listener(listener.name)
            let address: SocketAddress? =
                if case .fixed(let host, let port) = listener.destination { try? SocketAddress(ipAddress: host, port: port) } else { nil }
            self.fixed = address.map { RemoteEndpoint(addresses: [$0]) }
        }
    }

    let key: Key
    private let order: Mutex<AcceptContext>
    private let opened = Mutex<Opened?>(nil)

    private struct Opened {
        let socket: ListeningSocket
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

    /// The socket it listens on, while it does.
    var socket: ListeningSocket? { self.opened.withLock { $0 }?.socket }

    /// - Parameters:
    ///   - passed: a socket that was opened for it.
    ///   - isAccepting: at once; else with ``accept()``.
    func open(on loopDetector: any EventLoopGroup, passed: ListeningSocket? = nil, isAccepting: Bool = true) async throws(BindFailure) {
        let (listener, bind) = (self.current.listener, self.key.bind)
        do {
            let socket = try passed.map(self.adopted) ?? self.openedSocket()
            let channel = try await self.bootstrap(on: loopDetector).serverChannelOption(.autoRead, value: isAccepting).withBoundSocket(try socket.copy()).get()
            socket.restoreBacklog()
            self.opened.withLock { $0 = Opened(socket: socket, channel: channel, loopDetector: loopDetector) }
        } catch {
            throw BindFailure(listener: listener.name, bind: bind.description, because: BindFailure.words(for: error))
        }
    }

    private func openedSocket() throws -> ListeningSocket {
        try ListeningSocket(at: SocketAddress(ipAddress: self.key.bind.host, port: self.key.bind.port), isTransparent: self.key.isTransparent)
    }

    private func adopted(_ socket: ListeningSocket) throws -> ListeningSocket {
        guard !socket.takesIPv4Too else { throw BindFailure.Unfit.takesIPv4Too }
        guard self.key.isTransparent else { return socket }
        do throws(IOError) { try socket.becomeTransparent() } catch { throw BindFailure.Unfit.notTransparent }
        return socket
    }

    /// No new connections; sessions go on, and so do those that were accepted and have none yet.
    ///
    /// A server channel that closes drops what it has accepted and not yet set up. So it stops accepting first.
    func close() async {
        guard let opened = self.opened.withLock({ exchange(&$0, with: nil) }) else { return }
        await self.pause(opened)
        try? await opened.channel.close()
    }

    /// Takes connections, where it did not yet.
    func accept() async { try? await self.opened.withLock { $0 }?.channel.setOption(.autoRead, value: true).get() }

    /// Takes no connection: they wait in the socket's queue.
    func pause() async { if let opened = self.opened.withLock({ $0 }) { await self.pause(opened) } }

    /// What was accepted gets its pipeline: that takes a way to the connection's loop and back, and `AcceptHandler` is done within that.
    private func pause(_ opened: Opened) async {
        try? await opened.channel.setOption(.autoRead, value: false).get()
        for _ in 0..<2 {
            for loop in opened.loopDetector.makeIterator() { try? await loop.submit {}.get() }
            try? await opened.channel.eventLoop.submit {}.get()
        }
    }

    private func bootstrap(on loopDetector: any EventLoopGroup) -> ServerBootstrap {
        ServerBootstrap(group: loopDetector)
            // NIO reads all that is left at a FIN, although reading was paused: this bounds it. Accepted sockets inherit it.
            .serverChannelOption(.socketOption(.so_rcvbuf), value: 256 * 1024)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler()) }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.becomeLeg()
                    try channel.pipeline.syncOperations.addHandler(AcceptHandler(self.current))
                }
            }
    }
}
