import Glibc
public import NIOCore
import NIOTLS

/// How a connection ends: by close_notify of either side, by the socket, by an error.
extension TLSHandler {
    public func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .output: self.closeOutput(promise, context)
        case .input: context.close(mode: .input, promise: promise)
        case .all: self.closeAll(promise, context)
        }
    }

    /// As without TLS what was flushed is on its way, and what was not is forgotten. The peer's close_notify is not waited for.
    private func closeAll(_ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext) {
        switch exchange(&self.phase, with: .closed) {
        case .open, .inputClosed:
            self.connection.sayGoodbye()
            self.send(context)
            self.flushWritten(context)
        case .idle, .handshaking, .outputClosed, .closed: break
        }
        self.forgetWrites(ChannelError.ioOnClosedChannel)
        context.close(promise: promise)
    }

    private func closeOutput(_ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext) {
        guard self.goodbye == nil else { return promise?.fail(ChannelError.outputClosed) ?? () }
        switch self.phase {
        case .idle, .handshaking: self.goodbye = promise ?? context.eventLoop.makePromise()
        case .open, .inputClosed:
            self.goodbye = promise ?? context.eventLoop.makePromise()
            self.isFlushWanted = true
            self.encryptOrFail(context)
            self.flushWritten(context)
        case .outputClosed: promise?.fail(ChannelError.outputClosed)
        case .closed: promise?.fail(ChannelError.ioOnClosedChannel)
        }
    }

    /// The socket stays whole: close_notify alone tells the peer that no more will come.
    func sayGoodbye(_ promise: EventLoopPromise<Void>, _ context: ChannelHandlerContext) {
        let channel = context.channel
        promise.futureResult.whenSuccess { channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.outputClosed) }
        self.goodbyeWritten = promise.futureResult
        self.connection.sayGoodbye()
        self.send(context, [promise])
        switch self.phase {
        case .open: self.phase = .outputClosed
        case .inputClosed: self.closeBehindGoodbye(context)
        case .idle, .handshaking, .outputClosed, .closed: break
        }
    }

    /// Both sides are done.
    private func closeBehindGoodbye(_ context: ChannelHandlerContext) {
        self.phase = .closed
        let channel = context.channel
        guard let goodbyeWritten = self.goodbyeWritten else { return channel.close(promise: nil) }
        goodbyeWritten.whenComplete { _ in channel.close(promise: nil) }
    }

    func peerSaidGoodbye(_ context: ChannelHandlerContext) {
        context.fireUserInboundEventTriggered(TLSUserEvent.shutdownCompleted)
        self.inputEnded(context)
    }

    private func inputEnded(_ context: ChannelHandlerContext) {
        switch self.phase {
        case .open:
            let allowsHalf = try? context.channel.syncOptions?.getOption(.allowRemoteHalfClosure)
            guard allowsHalf == true else { return self.closeAll(nil, context) }
            self.phase = .inputClosed
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        case .outputClosed: self.closeBehindGoodbye(context)
        case .idle, .handshaking, .inputClosed, .closed: break
        }
    }

    // MARK: The socket

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .inputClosed? = event as? ChannelEvent else { return context.fireUserInboundEventTriggered(event) }
        if case .none = self.ending { self.ending = .inputNoticed }
        self.turn(context)
    }

    public func channelInactive(context: ChannelHandlerContext) {
        self.ending = .noticed
        self.turn(context)
    }

    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard case .handshaking = self.phase else { return context.fireErrorCaught(error) }
        let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
        self.fail(.hungUp(reason: reason, step: self.connection.step), context)
    }

    func tellEnding(_ context: ChannelHandlerContext) {
        switch self.ending {
        case .none, .inputTold, .told: break
        case .inputNoticed:
            self.ending = .inputTold
            self.socketInputEnded(context)
        case .noticed:
            self.ending = .told
            self.socketEnded(context)
        }
    }

    private static let endOfFile = "the peer closed the connection"

    private func socketInputEnded(_ context: ChannelHandlerContext) {
        switch self.phase {
        case .handshaking: self.fail(.hungUp(reason: Self.endOfFile, step: self.connection.step), context)
        case .open, .outputClosed:
            context.fireUserInboundEventTriggered(TLSEvent.truncated)
            self.inputEnded(context)
        case .idle, .inputClosed, .closed: break
        }
    }

    private func socketEnded(_ context: ChannelHandlerContext) {
        switch exchange(&self.phase, with: .closed) {
        case .handshaking:
            self.forgetSession()
            context.fireErrorCaught(TLSError.hungUp(reason: Self.endOfFile, step: self.connection.step))
        case .open, .outputClosed: context.fireUserInboundEventTriggered(TLSEvent.truncated)
        case .idle, .inputClosed, .closed: break
        }
        self.forgetWrites(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    // MARK: Errors

    /// Tells the peer (OpenSSL has its alert ready), then the handlers behind, and closes.
    func fail(_ error: TLSError, _ context: ChannelHandlerContext) {
        switch exchange(&self.phase, with: .closed) {
        case .closed: return
        case .handshaking: self.forgetSession()
        case .idle, .open, .outputClosed, .inputClosed: break
        }
        self.send(context)
        self.flushWritten(context)
        self.forgetWrites(error)
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }

    /// A server may choke on the session that was offered: the next attempt is a full handshake.
    private func forgetSession() {
        if case .client(_, _, let resuming?) = self.side { resuming.cache.forget(resuming.key) }
    }
}
