import AdminProtocol
import NIOCore
import NIOPosix
import Rules
import Synchronization

/// Listens on the admin socket, on a thread of its own: what is asked there never waits for a session, nor a session for it.
final class AdminServer: Sendable {
    /// Connections at once; more are closed without a word.
    static let mostConnections = 32

    private struct Open {
        let socket: AdminSocket
        let channel: any Channel
    }

    let commands = AdminCommands()
    private let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let open = Mutex<Open?>(nil)
    private let connections = Atomic(0)

    var loop: any EventLoop { self.loops.any() }

    /// Where it listens.
    var path: String? { self.open.withLock { $0?.socket.path } }

    /// Listens there instead of where it did; nil: nowhere.
    func listen(on path: String?, replacing replacement: AdminSocket.Replacement = .stale) async throws(AdminSocket.Failure) {
        guard path != self.path else { return }
        guard let path else { return await self.close() }
        // Who drains has no more use for it than to say so: its successor starts beside it.
        let isLeft = AdminSocket.isInUse(path) ? await Self.isDraining(path) : false
        let socket = try AdminSocket(path: path, replacing: isLeft ? .any : replacement)
        let bootstrap = ServerBootstrap(group: self.loops)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AdminConnection(to: self)) }
            }
        do {
            let channel = try await bootstrap.withBoundSocket(socket.descriptor).get()
            await self.close()
            self.open.withLock { $0 = Open(socket: socket, channel: channel) }
        } catch {
            socket.remove()
            throw AdminSocket.Failure(because: "\(error)")
        }
    }

    /// Whether a Mailshim listens there that is being stopped.
    private static func isDraining(_ path: String) async -> Bool {
        let status = try? await NIOThreadPool.singleton.runIfActive { try AdminClient(path: path, patience: 2).ask(AdminRequest("status")) }
        return status?["draining"] == true
    }

    /// No new connections; the file goes, unless a successor has put its own there.
    func close() async {
        guard let open = self.open.withLock({ exchange(&$0, with: nil) }) else { return }
        open.socket.remove()
        try? await open.channel.close()
    }

    /// Also ends the connections.
    func shutdown() async {
        await self.close()
        try? await self.loops.shutdownGracefully()
    }

    /// False: there are too many.
    func admit() -> Bool {
        guard self.connections.add(1, ordering: .relaxed).newValue > Self.mostConnections else { return true }
        self.left()
        return false
    }

    func left() { self.connections.subtract(1, ordering: .relaxed) }
}
