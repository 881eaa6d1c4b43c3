public import NIOCore

/// TLS between the socket and the handlers behind: a channel handler for one connection, of either side.
///
/// It may be there from the start or be put at the front of a live pipeline (STARTTLS); then the handshake begins at once. It cannot be taken out again: after a
/// handshake that failed the connection is closed, and never again is anything sent or received on it in clear text.
///
/// * ``TLSEvent/established(_:)`` tells of a finished handshake. What is written before is kept, up to ``TLSBounds/pending`` octets.
/// * Errors are ``TLSError``; after one the channel is closed. How long a handshake may take is the caller's business: he closes the channel.
/// * `close(mode: .output)` says close_notify behind all that was written, and reading goes on. The peer's close_notify is the end of input,
///   as a FIN is without TLS: with `allowRemoteHalfClosure` it is told as `ChannelEvent.inputClosed`, else the channel is closed.
/// * The handshake reads by itself, whatever `autoRead` says. But do not stop reading in its course: NIO then forgets the read that is under way.
/// * What the socket has not taken shows in the channel's `isWritable`, as without TLS.
public final class TLSHandler: ChannelDuplexHandler {
    public typealias InboundIn = ByteBuffer
    public typealias InboundOut = ByteBuffer
    public typealias OutboundIn = ByteBuffer
    public typealias OutboundOut = ByteBuffer

    enum Side {
        case client(names: [HostName], others: [HostName], resuming: Resuming?)
        case server
    }

    /// Where the sessions of this connection are kept.
    struct Resuming {
        let cache: TLSSessionCache
        let key: TLSSessionCache.Key
    }

    enum Phase {
        /// The channel is not connected.
        case idle
        case handshaking
        case open
        /// We have said close_notify.
        case outputClosed
        /// The peer has, or its half of the socket ended.
        case inputClosed
        case closed
    }

    /// The end of the socket. It may be noticed while we are busy, and is told after what came before it.
    enum Ending { case none, inputNoticed, inputTold, noticed, told }

    let connection: TLSConnection
    let side: Side
    var phase = Phase.idle
    var ending = Ending.none

    // Outbound
    var pending = PendingWrites()
    /// Asked for by `close(mode: .output)`; waits for what is pending.
    var goodbye: EventLoopPromise<Void>?
    /// Our close_notify, on its way into the socket.
    var goodbyeWritten: EventLoopFuture<Void>?
    /// What is pending may go.
    var isFlushWanted = false
    /// Something went to the socket, and was not flushed.
    var isUnflushed = false
    /// Octets of answers since the socket last had room.
    var answered = 0

    // Inbound
    var isTurning = false
    /// The first octet was looked at.
    var hasBegun = false
    /// The handlers behind have asked for something to read and have not got it.
    var isReadWanted = false

    /// Towards a server.
    /// - Parameters:
    ///   - name: the server's name, for SNI and to be looked for in its certificate; or its address, to be looked for only. With nil nothing is verified.
    ///   - alsoNamed: other names that the certificate may be for.
    ///   - lookedFor: names to be looked for in it besides: `TLSFacts.namedFor` has those that are there.
    ///   - sessions: where sessions to resume are kept; nil for a full handshake.
    ///   - unread: what the caller has read of this connection and not used. It came in clear text, so there must be none.
    /// - Throws: ``TLSError/plaintext(octets:)``, ``TLSError/name(_:)``, ``TLSError/setting(_:reason:)``.
    public init(
        client context: TLSClientContext, name: String?, alsoNamed: [String] = [], lookedFor: [String] = [], sessions: TLSSessionCache.Place? = nil,
        unread: ByteBuffer = ByteBuffer()
    ) throws(TLSError) {
        guard unread.readableBytes == 0 else { throw .plaintext(octets: unread.readableBytes) }
        let own: HostName? = if let name { try HostName(name) } else { nil }
        var names = own.map { [$0] } ?? []
        for other in alsoNamed { names.append(try HostName(other)) }
        var others: [HostName] = []
        for other in lookedFor { others.append(try HostName(other)) }
        let resuming = sessions.map { place in
            Resuming(
                cache: place.cache,
                key: .init(address: place.address, name: own?.text, setting: place.setting, generation: context.settings.generation))
        }
        self.side = .client(names: names, others: others, resuming: resuming)
        self.connection = try TLSConnection(
            to: own, context, resuming: resuming.flatMap { $0.cache.session(for: $0.key) },
            onSession: resuming.map { resuming in { resuming.cache.keep($0, for: resuming.key) } })
    }

    /// Towards a client.
    /// - Parameter unread: as above.
    /// - Throws: ``TLSError/plaintext(octets:)``, ``TLSError/setting(_:reason:)``.
    public init(server context: TLSServerContext, unread: ByteBuffer = ByteBuffer()) throws(TLSError) {
        guard unread.readableBytes == 0 else { throw .plaintext(octets: unread.readableBytes) }
        self.side = .server
        self.connection = try TLSConnection(context)
    }

    public func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { self.start(context) }
    }

    public func channelActive(context: ChannelHandlerContext) {
        self.start(context)
        context.fireChannelActive()
    }

    private func start(_ context: ChannelHandlerContext) {
        guard case .idle = self.phase else { return }
        self.phase = .handshaking
        self.turn(context)
        self.flushWritten(context)
        context.read()
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        self.phase = .closed
        self.forgetWrites(ChannelError.ioOnClosedChannel)
    }
}
