import AdminProtocol
import NIOCore

/// One connection to the admin socket: a line asks, a line answers, one after the other. Bounded in octets and time.
final class AdminConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Without a whole request, or for an answer to be made and taken.
    static let patience = TimeAmount.seconds(45)

    private let server: AdminServer
    private var peer: AdminPeer?
    private var received = ByteBuffer()
    private var isAnswering = false
    private var isAdmitted = false
    private var alarm: Scheduled<Void>?

    init(to server: AdminServer) { self.server = server }

    func channelActive(context: ChannelHandlerContext) {
        self.isAdmitted = self.server.admit()
        guard self.isAdmitted else { return context.close(promise: nil) }
        self.setAlarm(context)
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        AdminPeer.asking(on: context.value.channel).assumeIsolated().whenComplete { answer in
            guard case .success(let peer) = answer else { return context.value.close(promise: nil) }
            self.peer = peer
            self.goOn(context.value)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.alarm?.cancel()
        if self.isAdmitted { self.server.left() }
        self.isAdmitted = false
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.isAdmitted else { return }
        var bytes = self.unwrapInboundIn(data)
        self.received.writeBuffer(&bytes)
        self.goOn(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func goOn(_ context: ChannelHandlerContext) {
        guard !self.isAnswering, let peer else { return }
        let end = self.received.readableBytesView.prefix(AdminRequest.longest).firstIndex(of: UInt8(ascii: "\n"))
        guard let end else {
            guard self.received.readableBytes >= AdminRequest.longest else { return }
            self.isAnswering = true
            return self.say(.failure(AdminFailure(.usage, "the request is longer than \(AdminRequest.longest) octets")), context, thenCloses: true)
        }
        let line = self.received.readBytes(length: end - self.received.readerIndex + 1) ?? []
        self.received.discardReadBytes()
        self.isAnswering = true
        self.setAlarm(context)
        // One at a time: what is asked meanwhile waits in the kernel.
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        let request: AdminRequest
        do throws(AdminFailure) { request = try AdminRequest(parsing: line) } catch { return self.say(.failure(error), context) }
        let (commands, loop) = (self.server.commands, context.eventLoop)
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        Task {
            let answer = await commands.answer(request, of: peer)
            loop.execute { bound.value.0.say(answer, bound.value.1) }
        }
    }

    private func say(_ answer: Result<JSON, AdminFailure>, _ context: ChannelHandlerContext, thenCloses: Bool = false) {
        guard context.channel.isActive else { return }
        var line = AdminReply.line(answer)
        if line.utf8.count > AdminReply.longest { line = AdminReply.line(.failure(AdminFailure(.refused, "the answer is too long; ask for less"))) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess {
            let (connection, context) = bound.value
            guard !thenCloses else { return context.close(promise: nil) }
            connection.isAnswering = false
            connection.setAlarm(context)
            try? context.channel.syncOptions?.setOption(.autoRead, value: true)
            connection.goOn(context)
        }
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: line)), promise: written)
    }

    private func setAlarm(_ context: ChannelHandlerContext) {
        self.alarm?.cancel()
        let channel = context.channel
        self.alarm = context.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { channel.close(promise: nil) }
    }
}
