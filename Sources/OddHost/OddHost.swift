public import NIOCore
import NIOPosix
import OpenSSLTLS

/// A small SMTP host that misbehaves to order, for the demonstration, the tests and the benchmark.
///
/// It keeps what it accepted, each message with the envelope it would be delivered with, and every connection's transcript;
/// it never hides its own part: what it refused and what it left unanswered is there too.
public final class OddHost: Sendable {
    /// Where it could not listen, and why.
    public struct BindFailure: Error, Hashable, CustomStringConvertible {
        public let description: String
    }

    public let address: SocketAddress
    private let ledger: Ledger
    private let listener: any Channel

    /// Listens and serves until `shutdown()`.
    /// - Parameters:
    ///   - host: an address of this machine, IPv4 or IPv6.
    ///   - port: 0 for any free one; see `port`.
    public static func start(
        _ behaviour: Behaviour = Behaviour(), on host: String = "127.0.0.1", port: Int = 0, recording: Recording = .everything,
        group: (any EventLoopGroup)? = nil
    ) async throws(BindFailure) -> OddHost {
        try await self.start(behaviour, recording, group, at: "\(host):\(port)") { $0.bind(host: host, port: port) }
    }

    /// The same on a socket that is bound already, in another network namespace for instance. It is the host's from then on.
    public static func start(
        _ behaviour: Behaviour = Behaviour(), onBoundSocket descriptor: CInt, recording: Recording = .everything, group: (any EventLoopGroup)? = nil
    ) async throws(BindFailure) -> OddHost {
        try await self.start(behaviour, recording, group, at: "socket \(descriptor)") { $0.withBoundSocket(descriptor) }
    }

    private static func start(
        _ behaviour: Behaviour, _ recording: Recording, _ group: (any EventLoopGroup)?, at place: String,
        _ bind: (ServerBootstrap) -> EventLoopFuture<any Channel>
    ) async throws(BindFailure) -> OddHost {
        let ledger = Ledger(behaviour, recording)
        let bootstrap = ServerBootstrap(group: group ?? MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls = ledger.read({ $0.behaviour.tls }), tls.isImplicit, tls.manner == .shakesHands {
                        try channel.pipeline.syncOperations.addHandler(TLSHandler(server: tls.context))
                    }
                    try channel.pipeline.syncOperations.addHandler(VisitHandler(ledger))
                }
            }
        do {
            let listener = try await bind(bootstrap).get()
            guard let address = listener.localAddress else { throw BindFailure(description: "\(place): no address") }
            return OddHost(address, ledger, listener)
        } catch {
            throw BindFailure(description: "\(place): \(error)")
        }
    }

    private init(_ address: SocketAddress, _ ledger: Ledger, _ listener: any Channel) {
        self.address = address
        self.ledger = ledger
        self.listener = listener
    }

    public var port: Int { self.address.port ?? 0 }

    /// A change holds for connections that are opened from then on.
    public var behaviour: Behaviour {
        get { self.ledger.read { $0.behaviour } }
        set { self.ledger.read { $0.behaviour = newValue } }
    }

    /// Accepted messages (2xx at their end), in the order of their ends.
    public var messages: [Message] { self.ledger.read { $0.messages }.filter(\.accepted) }

    /// Messages that came whole, and were refused or not answered.
    public var unaccepted: [Message] { self.ledger.read { $0.messages }.filter { !$0.accepted } }

    /// All connections so far, in their order.
    public var visits: [Visit] { self.ledger.read { Array($0.visits.values) }.sorted { $0.number < $1.number } }

    public var counts: Counts { self.ledger.read { $0.counts } }

    /// Messages that would be delivered in the name of another sender: law 4 broken.
    public var misattributed: [Message] { self.ledger.read { $0.messages }.filter { $0.refusedSender != nil } }

    /// Waits until so many messages were accepted, or so long; whether they were.
    public func accepted(_ count: Int, within time: Duration = .seconds(30)) async -> Bool {
        let end = ContinuousClock.now + time
        while self.counts.messages < count {
            guard ContinuousClock.now < end, (try? await Task.sleep(for: .milliseconds(5))) != nil else { return self.counts.messages >= count }
        }
        return true
    }

    /// Forgets all messages, visits and counts of the past; open connections stay, and numbers go on.
    public func forget() {
        self.ledger.read { pages in
            pages.messages = []
            pages.visits = pages.visits.filter { $0.value.closed == nil }
            pages.counts = Counts(connections: pages.counts.connections, refused: 0, open: pages.counts.open, mostOpen: pages.counts.open)
        }
    }

    /// Stops listening and drops every connection.
    public func shutdown() async {
        try? await self.listener.close().get()
        for channel in self.ledger.read({ Array($0.channels.values) }) {
            try? await channel.close().get()
        }
    }
}
