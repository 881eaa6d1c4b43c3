public import NIOCore

/// What goes to the socket.
extension TLSHandler {
    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let bytes = self.unwrapOutboundIn(data)
        guard self.goodbye == nil else { return promise?.fail(ChannelError.outputClosed) ?? () }
        switch self.phase {
        case .idle, .handshaking:
            guard self.pending.count + bytes.readableBytes <= TLSBounds.pending else { return promise?.fail(TLSError.overflow) ?? () }
            self.pending.append(bytes, promise)
        case .open, .inputClosed:
            guard self.pending.count <= TLSBounds.pending else { return promise?.fail(TLSError.overflow) ?? () }
            self.pending.append(bytes, promise)
            // A full record need not wait for the flush; so the channel knows of all that is written.
            if self.pending.count >= TLSBounds.record { self.encryptOrFail(context) }
        case .outputClosed: promise?.fail(ChannelError.outputClosed)
        case .closed: promise?.fail(ChannelError.ioOnClosedChannel)
        }
    }

    public func flush(context: ChannelHandlerContext) {
        self.isFlushWanted = true
        switch self.phase {
        case .open, .inputClosed:
            self.encryptOrFail(context)
            self.flushWritten(context)
        case .idle, .handshaking: break
        case .outputClosed, .closed: context.flush()
        }
    }

    public func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { self.answered = 0 }
        context.fireChannelWritabilityChanged()
    }

    func encryptOrFail(_ context: ChannelHandlerContext) {
        do throws(TLSError) { try self.encrypt(context) } catch { self.fail(error, context) }
    }

    /// All that is pending, and close_notify behind it if it is asked for.
    func encrypt(_ context: ChannelHandlerContext) throws(TLSError) {
        switch self.phase {
        case .open, .inputClosed: break
        case .idle, .handshaking, .outputClosed, .closed: return
        }
        var written: [EventLoopPromise<Void>] = []
        do throws(TLSError) {
            while let first = self.pending.first {
                if self.connection.outputCount > TLSBounds.output { self.send(context) }
                self.connection.expectOutput(of: self.pending.count)
                let count = first.readableBytes > 0 ? try self.connection.write(first) : 0
                if count == 0, first.readableBytes > 0 { break }
                written += self.pending.take(count)
            }
        } catch {
            for promise in written { promise.fail(error) }
            throw error
        }
        self.send(context, written)
        guard self.pending.isEmpty else { return }
        self.isFlushWanted = false
        if let goodbye = exchange(&self.goodbye, with: nil) { self.sayGoodbye(goodbye, context) }
    }

    /// Moves what OpenSSL wants sent into the channel, in one piece.
    func send(_ context: ChannelHandlerContext, _ promises: [EventLoopPromise<Void>] = []) {
        let output = self.connection.takeOutput()
        guard output != nil || !promises.isEmpty else { return }
        var promise = promises.first
        if promises.count > 1 {
            let all = context.eventLoop.makePromise(of: Void.self)
            for promise in promises { all.futureResult.cascade(to: promise) }
            promise = all
        }
        context.write(self.wrapOutboundOut(output ?? ByteBuffer()), promise: promise)
        self.isUnflushed = true
    }

    func flushWritten(_ context: ChannelHandlerContext) {
        if exchange(&self.isUnflushed, with: false) { context.flush() }
    }

    func forgetWrites(_ error: any Error) {
        self.pending.fail(error)
        exchange(&self.goodbye, with: nil)?.fail(error)
    }
}
