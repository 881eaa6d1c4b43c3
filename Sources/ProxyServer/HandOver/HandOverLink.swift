import NIOCore
import NIOPosix

/// The way between a process and its successor: a pair of sockets that both hold as long as they live. Its end is the other's end.
final class HandOverLink: Sendable {
    private let channel: any Channel
    /// What the other says; finished where it has ended.
    let messages: AsyncStream<HandOverMessage>

    /// Takes a connected socket, which is closed here in any case.
    init(_ file: Int32, on eventLoops: any EventLoopGroup) async throws {
        let (messages, hearing) = AsyncStream.makeStream(of: HandOverMessage.self)
        self.messages = messages
        self.channel = try await ClientBootstrap(group: eventLoops).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Reader(hearing)) }
        }.withConnectedSocket(file).get()
    }

    /// Never waits; in order, from one thread.
    func send(_ message: HandOverMessage) {
        self.channel.writeAndFlush(ByteBuffer(string: message.text + "\n"), promise: nil)
    }

    func close() { self.channel.close(promise: nil) }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let hearing: AsyncStream<HandOverMessage>.Continuation
        private var line: [UInt8] = []

        init(_ hearing: AsyncStream<HandOverMessage>.Continuation) { self.hearing = hearing }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            for octet in self.unwrapInboundIn(data).readableBytesView {
                guard octet == UInt8(ascii: "\n") else {
                    if self.line.count <= HandOverMessage.longest { self.line.append(octet) }
                    continue
                }
                if let message = HandOverMessage(String(decoding: self.line, as: UTF8.self)) { self.hearing.yield(message) }
                self.line.removeAll(keepingCapacity: true)
            }
        }

        func channelInactive(context: ChannelHandlerContext) { self.hearing.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
