import Glibc
import NIOCore
import OpenSSLTLS
import SMTPSession

/// One connection of a session, as a channel handler: takes notes for the session's turn, and knows how to end.
///
/// A session has one gateway leg, and remote legs one after another. A leg that was replaced, closed or aborted says nothing more to its session.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        case opening, open
        /// No more is said; what is read is dropped.
        case leaving
        case gone
    }

    /// How long a peer may take to close after our half close.
    static let patience = TimeAmount.seconds(2)

    let side: Side
    private(set) var phase = Phase.opening
    /// The peer says nothing more.
    private(set) var hasEnded = false
    /// Our half is closed, or will be once everything is written.
    private var isOutputEnding = false
    /// Everything was handed to the kernel, and our half closed behind it.
    private var isOutputEnded = false
    private var isUnflushed = false
    private var isPaused = false
    /// What the kernel is given is not all there is to say: TLS has an end of its own.
    private var isEncrypted = false
    /// Large pieces are read.
    private var isReadingContent = false
    /// What was read since content was last expected not to come.
    private var octets = 0
    /// Closes the connection if the peer does not.
    private var farewell: Scheduled<Void>?
    private var turn: SessionDriver?
    private var context: ChannelHandlerContext?
    /// Called once, when the connection is closed or was given up: its place at the remote is free then.
    var whenGone: (() -> Void)?

    /// Called once, when the peer has said a first word or the connection is gone.
    var whenHeard: (() -> Void)?

    /// Told once how the handshake that is under way came out.
    private var whenSecured: ((Result<TLSFacts, TLSError>) -> Void)?

    init(_ side: Side, of turn: SessionDriver) {
        self.side = side
        self.turn = turn
    }

    var isOpen: Bool { if case .open = self.phase { true } else { false } }
    var isSecuring: Bool { self.whenSecured != nil }
    var isGone: Bool { if case .gone = self.phase { true } else { false } }
    var isWritable: Bool { self.context?.channel.isWritable ?? true }
    /// Octets that wait to be written.
    var backlog: Int { (try? self.context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }
    /// Octets in the socket's send queue that the peer's system has not acknowledged (SIOCOUTQ); 0 where the system does not tell.
    var unacknowledged: Int {
        let sendQueue: UInt = 0x5411
        let count = try? self.context?.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { socket in
            var count: CInt = 0
            return ioctl(socket, sendQueue, &count) == 0 ? Int(count) : 0
        }
        return count ?? 0
    }
    /// Whether all that has come was read, as far as the system tells: else a close would be a reset, which may overtake what was written.
    private var isRead: Bool { (try? self.context?.channel.syncOptions?.getOption(.receiveQueue)) == 0 }
    var localAddress: SocketAddress? { self.context?.channel.localAddress }

    // MARK: What the turn does with it

    func write(_ bytes: ByteBuffer) {
        guard self.isOpen, let context = self.context, !self.isOutputEnding, bytes.readableBytes > 0 else { return }
        context.write(self.wrapOutboundOut(bytes.unpinned), promise: nil)
        self.isUnflushed = true
    }

    func flush() {
        guard exchange(&self.isUnflushed, with: false) else { return }
        self.context?.flush()
    }

    /// TLS from here on: what was written before goes out in clear text, nothing that was read before comes back.
    func secure(with handler: TLSHandler, then told: @escaping (Result<TLSFacts, TLSError>) -> Void) {
        self.flush()
        guard self.isOpen, let context = self.context else {
            return told(.failure(.hungUp(reason: "the connection was closed", step: "before the handshake")))
        }
        self.pause(false)
        self.whenSecured = told
        self.isEncrypted = true
        do {
            try context.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            exchange(&self.whenSecured, with: nil)?(.failure(.setting("pipeline", reason: "\(error)")))
        }
    }

    func alsoWhenGone(_ more: @escaping () -> Void) {
        let before = self.whenGone
        self.whenGone = {
            before?()
            more()
        }
    }

    /// Stops or resumes reading.
    func pause(_ isPaused: Bool) {
        guard self.isPaused != isPaused, let context = self.context else { return }
        self.isPaused = isPaused
        if isPaused { try? context.channel.syncOptions?.setOption(.recvAllocator, value: self.receive) }
        try? context.channel.syncOptions?.setOption(.autoRead, value: !isPaused)
    }

    private var receive: UnpooledReceive { self.isReadingContent ? .ofContent : .ofCommands }

    /// Whether what comes next is content: of more than a little of it large pieces are read.
    func reads(content: Bool) {
        if !content { self.octets = 0 }
        guard content != self.isReadingContent, !content || self.octets >= 16_384 else { return }
        self.isReadingContent = content
        try? self.context?.channel.syncOptions?.setOption(.recvAllocator, value: self.receive)
    }

    /// Closes politely: what was written arrives, then our half is closed, what still comes is dropped, and after that the connection is closed.
    ///
    /// - Parameter isAwaited: the peer may say more. Where not, nothing is waited for: in clear text the system sees to it that what it was given arrives.
    func leave(isAwaited: Bool = true) {
        switch self.phase {
        case .opening: return self.abort()
        case .leaving, .gone: return
        case .open: break
        }
        guard let context = self.context else { return }
        self.phase = .leaving
        if !self.isEncrypted, self.hasHandedOver, self.hasEnded || !isAwaited && self.isRead { return context.close(promise: nil) }
        self.pause(false)
        self.endOutput()
        guard !self.isGone else { return }
        let channel = context.channel
        self.farewell = context.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { channel.close(promise: nil) }
    }

    /// Writes what there is, and says whether the system has taken all of it.
    private var hasHandedOver: Bool {
        guard !self.isOutputEnding else { return false }
        self.flush()
        return self.backlog == 0
    }

    /// Closes our half once everything is written. The peer may still talk.
    func endOutput() {
        guard let context = self.context, !self.isOutputEnding else { return }
        self.isOutputEnding = true
        self.isUnflushed = false
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in
            self.isOutputEnded = true
            // Not in the middle of this flush, which would take no close_notify along.
            if self.hasEnded { self.context?.eventLoop.assumeIsolated().execute { self.context?.close(promise: nil) } }
        }
        if self.hasEnded {
            // NIO makes a half close after the peer's a whole one, at once, and forgets what is not written yet.
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer()), promise: written)
        } else {
            context.flush()
            context.close(mode: .output, promise: written)
        }
    }

    /// Closes at once.
    func abort() {
        switch self.phase {
        case .gone: return
        case .opening, .open, .leaving:
            self.phase = .leaving
            self.context?.close(promise: nil)
        }
    }

    /// Nothing of this leg concerns the session any more.
    func detach() { self.turn = nil }

    /// The connection never came to be.
    func giveUp() {
        self.detach()
        self.gone()
    }

    // MARK: What the channel says

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { self.opened() }
    }

    func channelActive(context: ChannelHandlerContext) { self.opened() }

    private func opened() {
        guard case .opening = self.phase else { return }
        self.phase = .open
        self.turn?.opened(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.isOpen else { return }
        let bytes = self.unwrapInboundIn(data)
        if self.whenHeard != nil { exchange(&self.whenHeard, with: nil)?() }
        self.octets &+= bytes.readableBytes
        self.turn?.read(bytes, from: self)
    }

    func channelReadComplete(context: ChannelHandlerContext) { self.turn?.turn() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .established(let facts)? = event as? TLSEvent { exchange(&self.whenSecured, with: nil)?(.success(facts)) }
        guard case .inputClosed? = event as? ChannelEvent else { return }
        self.hasEnded = true
        if self.isOutputEnded { return context.close(promise: nil) }
        if self.isOpen { self.turn?.ended(self) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { self.turn?.turn() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? TLSError {
            if let told = exchange(&self.whenSecured, with: nil) { told(.failure(error)) } else { self.turn?.broke(self, error) }
        }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { self.gone() }

    /// Also where a channel never became active.
    func handlerRemoved(context: ChannelHandlerContext) { self.gone() }

    private func gone() {
        guard !self.isGone else { return }
        let wasOpening = if case .opening = self.phase { true } else { false }
        self.phase = .gone
        self.context = nil
        self.whenSecured = nil
        exchange(&self.farewell, with: nil)?.cancel()
        exchange(&self.whenHeard, with: nil)?()
        exchange(&self.whenGone, with: nil)?()
        guard let turn = exchange(&self.turn, with: nil), !wasOpening else { return }
        turn.closed(self)
    }
}
