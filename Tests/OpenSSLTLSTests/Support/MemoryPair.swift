import NIOCore
import NIOEmbedded

@testable import OpenSSLTLS

/// A client and a server that speak TLS with each other without a socket. Nothing moves but in `pump`.
final class MemoryPair {
    final class End {
        let channel: EmbeddedChannel
        let recorder = Recorder()
        fileprivate var outbox = ByteBuffer()
        private let wire = Wire()

        /// The end of the channel at the socket.
        private final class Wire: ChannelInboundHandler {
            typealias InboundIn = ByteBuffer
            var context: ChannelHandlerContext?
            func handlerAdded(context: ChannelHandlerContext) { self.context = context }
            func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }
        }

        init(halfClosure: Bool) {
            self.channel = EmbeddedChannel()
            self.channel.allowRemoteHalfClosure = halfClosure
        }

        func connect(_ handler: TLSHandler?) throws {
            try self.channel.pipeline.syncOperations.addHandler(self.wire)
            if let handler { try self.channel.pipeline.syncOperations.addHandler(handler) }
            try self.channel.pipeline.syncOperations.addHandler(self.recorder)
            self.channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 25), promise: nil)
        }

        func write(_ text: String) { self.channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

        /// What the channel wants sent.
        func collect() {
            while let bytes = try? self.channel.readOutbound(as: ByteBuffer.self) {
                self.outbox.writeImmutableBuffer(bytes)
            }
        }

        fileprivate func take(_ count: Int) -> ByteBuffer? {
            guard self.outbox.readableBytes > 0 else { return nil }
            let bytes = self.outbox.readSlice(length: min(count, self.outbox.readableBytes))
            if self.outbox.readableBytes == 0 { self.outbox = ByteBuffer() }
            return bytes
        }

        /// As the socket does it: reads, then the end of reading.
        func receive(_ bytes: ByteBuffer) {
            guard self.channel.isActive else { return }
            // Own storage for every read, as from a socket.
            self.channel.pipeline.fireChannelRead(ByteBuffer(bytes: bytes.readableBytesView))
            self.channel.pipeline.fireChannelReadComplete()
            self.channel.embeddedEventLoop.run()
        }

        /// The socket is closed under the handlers, without a word.
        func hangUp() {
            self.wire.context?.close(promise: nil)
            self.channel.embeddedEventLoop.run()
        }

        /// The peer has closed its half of the socket.
        func finish() {
            self.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            self.channel.embeddedEventLoop.run()
        }
    }

    let client: End
    let server: End

    init(halfClosure: Bool = true) {
        self.client = End(halfClosure: halfClosure)
        self.server = End(halfClosure: halfClosure)
    }

    convenience init(_ client: TLSHandler, _ server: TLSHandler, halfClosure: Bool = true) throws {
        self.init(halfClosure: halfClosure)
        try self.server.connect(server)
        try self.client.connect(client)
    }

    /// With a server for `mx.example.test` and a client that trusts it.
    static func usual(age: TLSAge = .modern, serverAge: TLSAge = .modern, halfClosure: Bool = true) throws -> MemoryPair {
        try MemoryPair(
            TLSHandler(client: .testing(age), name: Certificates.name), TLSHandler(server: .testing(Certificates.good, serverAge)),
            halfClosure: halfClosure)
    }

    /// Moves octets both ways in pieces until nobody has anything to say.
    /// - Parameters:
    ///   - limit: how many octets are moved at most.
    ///   - spoil: changes a piece on its way; the number is that of its first octet, counted over both ways.
    /// - Returns: how many were moved.
    @discardableResult
    func pump(piece: Int = .max, limit: Int = .max, spoil: (inout ByteBuffer, Int) -> Void = { _, _ in }) -> Int {
        var moved = 0
        while moved < limit {
            let before = moved
            for (from, to) in [(self.client, self.server), (self.server, self.client)] {
                from.collect()
                guard moved < limit, var bytes = from.take(min(piece, limit - moved)) else { continue }
                spoil(&bytes, moved)
                moved += bytes.readableBytes
                to.receive(bytes)
            }
            if moved == before { break }
        }
        return moved
    }

    /// Frees what the channels hold.
    func close() {
        for end in [self.client, self.server] {
            end.hangUp()
            _ = try? end.channel.finish(acceptAlreadyClosed: true)
        }
    }
}
