public import NIOCore
import NIOTLS

/// What comes from the socket.
extension TLSHandler {
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.phase {
        case .idle, .handshaking, .open, .outputClosed:
            self.connection.receive(self.unwrapInboundIn(data))
            self.turn(context)
        case .inputClosed, .closed: break
        }
    }

    public func channelReadComplete(context: ChannelHandlerContext) {
        self.flushWritten(context)
        context.fireChannelReadComplete()
        // No whole record came: whoever asked for something to read still waits for it, and a handshake asks by itself.
        switch self.phase {
        case .handshaking: context.read()
        case .open, .outputClosed: if self.isReadWanted { context.read() }
        case .idle, .inputClosed, .closed: break
        }
    }

    public func read(context: ChannelHandlerContext) {
        self.isReadWanted = true
        context.read()
    }

    /// Everything that can be done with what has come. Channels call back while we are still firing, flushing or closing:
    /// that only leaves notes for the turn that is under way.
    func turn(_ context: ChannelHandlerContext) {
        guard !self.isTurning else { return }
        self.isTurning = true
        do throws(TLSError) {
            if case .handshaking = self.phase { try self.shakeHands(context) }
            while self.mayRead, try self.readSome(context) {}
            if self.isFlushWanted { try self.encrypt(context) }
        } catch {
            self.fail(error, context)
        }
        self.connection.settle()
        self.isTurning = false
        self.tellEnding(context)
    }

    private var mayRead: Bool {
        switch self.phase {
        case .open, .outputClosed: true
        case .idle, .handshaking, .inputClosed, .closed: false
        }
    }

    private func shakeHands(_ context: ChannelHandlerContext) throws(TLSError) {
        try self.lookAtBeginning()
        let isOver = try self.connection.shakeHands()
        self.send(context)
        guard isOver else { return }
        self.phase = .open
        let facts =
            switch self.side {
            case .client(let names, let others, _): self.connection.facts(expecting: names, lookingFor: others)
            case .server: self.connection.facts(expecting: nil)
            }
        context.fireUserInboundEventTriggered(TLSEvent.established(facts))
        context.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: nil))
    }

    /// Clear text in front of the handshake is told from a broken handshake, and OpenSSL never sees it.
    private func lookAtBeginning() throws(TLSError) {
        let unread = self.connection.unread.readableBytesView
        guard !self.hasBegun, let first = unread.first else { return }
        self.hasBegun = true
        switch self.side {
        // A handshake record or an alert (RFC 8446 §5.1).
        case .client: if first != 22, first != 21 { throw .notTLS(start: String(printable: unread, limit: 64)) }
        // From an old client also a hello in the form of SSL 2 (RFC 5246 §E.2).
        case .server: if first != 22, first != 21, first < 0x80 { throw .notTLS(start: String(printable: unread, limit: 4)) }
        }
    }

    /// - Returns: whether there may be more.
    private func readSome(_ context: ChannelHandlerContext) throws(TLSError) -> Bool {
        let room = min(max(self.connection.unread.readableBytes, 256), TLSBounds.read)
        var bytes = context.channel.allocator.buffer(capacity: room)
        let reading = try self.connection.read(into: &bytes)
        if bytes.readableBytes > 0 {
            self.isReadWanted = false
            context.fireChannelRead(self.wrapInboundOut(bytes))
        }
        guard self.mayRead else { return false }
        switch reading {
        case nil: return true
        case .hungry: try self.answer(context)
        case .ended: self.peerSaidGoodbye(context)
        }
        return false
    }

    /// What OpenSSL says to the peer while it reads: key updates, renegotiation.
    private func answer(_ context: ChannelHandlerContext) throws(TLSError) {
        guard !context.channel.isWritable else { return self.send(context) }
        self.answered += self.connection.outputCount
        guard self.answered <= TLSBounds.answers else { throw .flood }
        self.send(context)
    }
}
