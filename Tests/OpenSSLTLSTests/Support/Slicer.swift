import Glibc
import NIOCore

/// In front of TLS: every octet comes and goes alone.
final class Slicer: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        for octet in self.unwrapInboundIn(data).readableBytesView {
            context.fireChannelRead(self.wrapInboundOut(ByteBuffer(bytes: [octet])))
            context.fireChannelReadComplete()
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        for octet in self.unwrapOutboundIn(data).readableBytesView {
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: [octet])), promise: nil)
        }
        context.write(self.wrapOutboundOut(ByteBuffer()), promise: promise)
    }
}

/// In front of TLS: after so many octets have been sent, the connection is reset.
final class Resetter: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private var left: Int
    init(after count: Int) { self.left = count }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if self.left <= 0 { self.reset(context) } else { context.fireChannelRead(data) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var bytes = self.unwrapOutboundIn(data)
        guard self.left > 0, let sent = bytes.readSlice(length: min(self.left, bytes.readableBytes)) else { return }
        self.left -= sent.readableBytes
        let channel = context.channel
        context.writeAndFlush(self.wrapOutboundOut(sent), promise: promise)
        // The octets are let arrive first: a reset overtakes what has not been read.
        if self.left == 0 { context.eventLoop.scheduleTask(in: .milliseconds(50)) { Self.reset(channel) } }
    }

    private func reset(_ context: ChannelHandlerContext) { Self.reset(context.channel) }

    private static func reset(_ channel: any Channel) {
        guard let options = channel as? any SocketOptionProvider else { return }
        options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
    }
}
