import NIOCore
import NIOEmbedded
import Testing

@testable import OpenSSLTLS

@Suite struct WritingTests {
    @Test func whatIsWrittenBeforeTheHandshakeWaits() throws {
        let pair = try MemoryPair.usual()
        let promises = (0..<3).map { _ in pair.client.channel.eventLoop.makePromise(of: Void.self) }
        var order: [Int] = []
        for (index, promise) in promises.enumerated() {
            promise.futureResult.assumeIsolated().whenSuccess { order.append(index) }
            pair.client.channel.write(ByteBuffer(string: "\(index)"), promise: promise)
        }
        pair.client.channel.flush()
        #expect(order.isEmpty)
        pair.pump()
        #expect(order == [0, 1, 2])
        #expect(pair.server.recorder.text == "012")
        pair.close()
    }

    @Test func whatIsNotFlushedIsNotSent() throws {
        let pair = try MemoryPair.usual()
        pair.client.channel.write(ByteBuffer(string: "quiet"), promise: nil)
        pair.pump()
        #expect(pair.server.recorder.text == "")
        pair.client.channel.flush()
        pair.pump()
        #expect(pair.server.recorder.text == "quiet")
        pair.close()
    }

    @Test func moreThanTheBoundIsRefusedBeforeTheHandshake() throws {
        let pair = try MemoryPair.usual()
        let half = ByteBuffer(repeating: 65, count: TLSBounds.pending / 2)
        pair.client.channel.write(half, promise: nil)
        pair.client.channel.write(half, promise: nil)
        #expect(throws: TLSError.overflow) { try pair.client.channel.writeAndFlush(ByteBuffer(string: "x")).wait() }
        pair.pump()
        #expect(pair.server.recorder.bytes.readableBytes == TLSBounds.pending)
        pair.close()
    }

    /// So the channel's own count of what waits, and its `isWritable`, are right.
    @Test func afterTheHandshakeNothingIsHeldBack() throws {
        let pair = try MemoryPair.usual()
        pair.pump()
        pair.client.channel.write(ByteBuffer(repeating: 65, count: 1_048_576), promise: nil)
        pair.client.collect()
        pair.client.channel.flush()
        pair.pump()
        #expect(pair.server.recorder.bytes.readableBytes == 1_048_576)
        pair.close()
    }

    @Test func smallWritesShareARecord() throws {
        let pair = try MemoryPair.usual()
        pair.pump()
        for _ in 0..<100 { pair.client.channel.write(ByteBuffer(string: "RCPT TO:<a@example.test>\r\n"), promise: nil) }
        pair.client.channel.flush()
        let moved = pair.pump()
        #expect(moved == 100 * 26 + 22)
        #expect(pair.server.recorder.bytes.readableBytes == 2600)
        pair.close()
    }

    @Test func anEmptyWriteIsToldInItsTurn() throws {
        let pair = try MemoryPair.usual()
        pair.pump()
        let written = pair.client.channel.eventLoop.makePromise(of: Void.self)
        pair.client.channel.writeAndFlush(ByteBuffer(), promise: written)
        #expect(try written.futureResult.isFulfilledWithSuccess(on: pair.client.channel))
        #expect(pair.pump() == 0)
        pair.close()
    }

    /// The handlers behind may write, flush and close while they are told something.
    @Test func whatIsDoneInCallbacksIsDoneInOrder() throws {
        let pair = try MemoryPair.usual()
        pair.server.recorder.onEstablished = { context in
            context.writeAndFlush(NIOAny(ByteBuffer(string: "220\r\n")), promise: nil)
        }
        pair.client.recorder.onRead = { context, bytes in
            context.writeAndFlush(NIOAny(bytes), promise: nil)
            context.close(mode: .output, promise: nil)
        }
        pair.server.recorder.onRead = { context, bytes in
            context.writeAndFlush(NIOAny(ByteBuffer(string: "221\r\n")), promise: nil)
            context.close(promise: nil)
        }
        pair.pump()
        #expect(pair.server.recorder.text == "220\r\n")
        #expect(pair.client.recorder.text == "220\r\n221\r\n")
        #expect(!pair.server.channel.isActive && !pair.client.channel.isActive)
        #expect(pair.server.recorder.seen == [.established, .handshakeCompleted, .inactive])
        #expect(pair.client.recorder.errors.isEmpty)
        pair.close()
    }
}
