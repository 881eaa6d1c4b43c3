import NIOCore
import Synchronization

/// Refuses a connection with one reply that arrives: half close, read on and drop, close at the peer's FIN or after two seconds.
///
/// A plain close with unread input would reset the connection, and the gateway would see an error instead of our reason.
final class RejectHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Refused connections that are still being told; more than so many are closed without a word.
    static let mostAtOnce = 256
    private static let current = Atomic(0)

    private let reply: String
    private var isCounted = false

    /// A whole reply with its CRLF.
    init(_ reply: String) {
        self.reply = reply
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { self.say(context) }
    }

    func channelActive(context: ChannelHandlerContext) { self.say(context) }

    private func say(_ context: ChannelHandlerContext) {
        guard !self.isCounted else { return }
        guard Self.current.add(1, ordering: .relaxed).newValue <= Self.mostAtOnce else {
            Self.current.subtract(1, ordering: .relaxed)
            return context.close(promise: nil)
        }
        self.isCounted = true
        let channel = context.channel
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: self.reply)), promise: nil)
        context.close(mode: .output, promise: nil)
        context.eventLoop.scheduleTask(in: ConnectionHandler.patience) { channel.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        if self.isCounted { Self.current.subtract(1, ordering: .relaxed) }
        self.isCounted = false
    }
}
