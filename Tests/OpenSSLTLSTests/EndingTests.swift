import NIOCore
import NIOEmbedded
import Testing

@testable import OpenSSLTLS

@Suite struct EndingTests {
    private func established(halfClosure: Bool = true) throws -> MemoryPair {
        let pair = try MemoryPair.usual(halfClosure: halfClosure)
        pair.pump()
        return pair
    }

    @Test(arguments: [true, false])
    func oneHalfIsClosedAndTheOtherGoesOn(byClient: Bool) throws {
        let pair = try self.established()
        let (closer, other) = byClient ? (pair.client, pair.server) : (pair.server, pair.client)
        closer.write("QUIT\r\n")
        let closed = closer.channel.eventLoop.makePromise(of: Void.self)
        closer.channel.close(mode: .output, promise: closed)
        pair.pump()
        #expect(try closed.futureResult.isFulfilledWithSuccess(on: closer.channel))
        #expect(closer.recorder.seen.last == .outputClosed)
        #expect(other.recorder.text == "QUIT\r\n")
        #expect(other.recorder.seen.suffix(2) == [.shutdownCompleted, .inputClosed])
        #expect(closer.channel.isActive && other.channel.isActive)

        #expect(throws: ChannelError.outputClosed) { try closer.channel.writeAndFlush(ByteBuffer(string: "more")).wait() }
        other.write("221 bye\r\n")
        pair.pump()
        #expect(closer.recorder.text == "221 bye\r\n")

        // The socket's own end afterwards is no news.
        other.finish()
        #expect(other.recorder.seen.filter { $0 == .inputClosed }.count == 1)
        other.channel.close(mode: .output, promise: nil)
        pair.pump()
        #expect(!other.channel.isActive)
        #expect(!closer.channel.isActive)
        #expect(closer.recorder.seen.suffix(2) == [.shutdownCompleted, .inactive])
        #expect(!closer.recorder.seen.contains(.truncated) && !other.recorder.seen.contains(.truncated))
        #expect(closer.recorder.errors.isEmpty && other.recorder.errors.isEmpty)
        pair.close()
    }

    @Test func bothMayCloseTheirHalfAtOnce() throws {
        let pair = try self.established()
        pair.client.channel.close(mode: .output, promise: nil)
        pair.server.channel.close(mode: .output, promise: nil)
        pair.pump()
        #expect(!pair.client.channel.isActive && !pair.server.channel.isActive)
        #expect(pair.client.recorder.seen == [.established, .handshakeCompleted, .outputClosed, .shutdownCompleted, .inactive])
        #expect(pair.server.recorder.seen == [.established, .handshakeCompleted, .outputClosed, .shutdownCompleted, .inactive])
        pair.close()
    }

    /// As NIO does it with a FIN.
    @Test func withoutHalfClosureTheGoodbyeEndsAll() throws {
        let pair = try self.established(halfClosure: false)
        pair.server.channel.close(mode: .output, promise: nil)
        pair.pump()
        #expect(!pair.client.channel.isActive && !pair.server.channel.isActive)
        #expect(pair.client.recorder.seen == [.established, .handshakeCompleted, .shutdownCompleted, .inactive])
        pair.close()
    }

    @Test func aWholeCloseSaysGoodbye() throws {
        let pair = try self.established()
        pair.client.write("last words")
        pair.client.channel.close(promise: nil)
        pair.pump()
        #expect(pair.server.recorder.text == "last words")
        #expect(pair.server.recorder.seen.suffix(2) == [.shutdownCompleted, .inputClosed])
        pair.close()
    }

    @Test func aHalfCloseBeforeTheHandshakeWaitsForIt() throws {
        let pair = try MemoryPair.usual()
        pair.client.write("early")
        let closed = pair.client.channel.eventLoop.makePromise(of: Void.self)
        pair.client.channel.close(mode: .output, promise: closed)
        #expect(throws: ChannelError.outputClosed) { try pair.client.channel.writeAndFlush(ByteBuffer(string: "more")).wait() }
        #expect(throws: ChannelError.outputClosed) { try pair.client.channel.close(mode: .output).wait() }
        pair.pump()
        #expect(try closed.futureResult.isFulfilledWithSuccess(on: pair.client.channel))
        #expect(pair.server.recorder.text == "early")
        #expect(pair.server.recorder.seen.last == .inputClosed)
        pair.close()
    }

    /// The caller's time-out: closing in the middle is no error.
    @Test func aStalledHandshakeCanBeClosed() throws {
        let pair = try MemoryPair.usual()
        let written = pair.client.channel.eventLoop.makePromise(of: Void.self)
        pair.client.channel.writeAndFlush(ByteBuffer(string: "early"), promise: written)
        pair.client.collect()
        try pair.client.channel.close().wait()
        #expect(throws: ChannelError.ioOnClosedChannel) { try written.futureResult.wait() }
        #expect(pair.client.recorder.seen == [.inactive])
        pair.close()
    }

    /// How many octets a whole talk takes: handshake, tickets, a word each.
    private static let length: Int = {
        guard let pair = try? MemoryPair.usual() else { return 0 }
        defer { pair.close() }
        pair.client.write("EHLO\r\n")
        pair.server.write("220\r\n")
        return pair.pump()
    }()

    enum End: CaseIterable { case hangUp, finish }

    @Test(arguments: End.allCases, [true, false])
    func anEndAtEveryStep(_ end: End, halfClosure: Bool) throws {
        #expect(Self.length > 1000)
        // In between all, and densely around the beginning, where the records are small.
        let steps = Array(0..<20) + Array(stride(from: 20, to: Self.length, by: 23))
        for step in steps {
            let pair = try MemoryPair.usual(halfClosure: halfClosure)
            let written = pair.client.channel.eventLoop.makePromise(of: Void.self)
            pair.client.channel.writeAndFlush(ByteBuffer(string: "EHLO\r\n"), promise: written)
            pair.server.write("220\r\n")
            pair.pump(piece: 50, limit: step)
            for side in [pair.client, pair.server] {
                let wasEstablished = side.recorder.facts != nil
                switch end {
                case .hangUp: side.hangUp()
                case .finish: side.finish()
                }
                let seen = side.recorder.seen
                if !wasEstablished {
                    guard case .hungUp(let reason, _)? = side.recorder.tlsError else { Issue.record("no error at \(step): \(seen)"); continue }
                    #expect(reason == "the peer closed the connection")
                    #expect(seen.count == 2 && seen.last == .inactive, "\(step): \(seen)")
                } else if case .hangUp = end {
                    #expect(seen == [.established, .handshakeCompleted, .truncated, .inactive], "\(step)")
                } else {
                    // NIO tells of a half closure only where it is allowed.
                    #expect(seen.prefix(3) == [.established, .handshakeCompleted, .truncated], "\(step)")
                    #expect(seen.dropFirst(3) == (halfClosure ? [.inputClosed] : [.inactive]), "\(step)")
                    #expect(side.channel.isActive == halfClosure)
                }
            }
            pair.close()
            var isDone = false
            written.futureResult.assumeIsolated().whenComplete { _ in isDone = true }
            pair.client.channel.embeddedEventLoop.run()
            #expect(isDone, "a promise is left at \(step)")
        }
    }

    /// What was changed on its way is never taken for what was sent.
    @Test func aChangeAtEveryStep() throws {
        for step in stride(from: 0, to: Self.length, by: 11) {
            let pair = try MemoryPair.usual()
            pair.client.write("EHLO\r\n")
            pair.server.write("220\r\n")
            pair.pump(piece: 64) { bytes, first in
                guard (first..<first + bytes.readableBytes).contains(step),
                    let old = bytes.getInteger(at: bytes.readerIndex + step - first, as: UInt8.self)
                else { return }
                bytes.setInteger(old ^ 0x10, at: bytes.readerIndex + step - first)
            }
            #expect(["", "220\r\n"].contains(pair.client.recorder.text))
            #expect(["", "EHLO\r\n"].contains(pair.server.recorder.text))
            let errors = pair.client.recorder.errors + pair.server.recorder.errors
            #expect(errors.allSatisfy { $0 is TLSError }, "\(step): \(errors)")
            for side in [pair.client, pair.server] where side.recorder.tlsError != nil { #expect(!side.channel.isActive) }
            pair.close()
        }
    }

    @Test func anAlertIsToldInWords() throws {
        // A client of TLS 1.2 at most; a server that has only TLS 1.3 cannot be had through the API, so the other way round: garbage behind the handshake.
        let pair = try self.established()
        pair.server.receive(ByteBuffer(bytes: [23, 3, 3, 0, 32] + [UInt8](repeating: 7, count: 32)))
        #expect(pair.server.recorder.tlsError == .record(reason: "decryption failed or bad record mac"))
        pair.pump()
        #expect(pair.client.recorder.tlsError?.description.hasPrefix("the peer says bad record mac (alert 20)") == true)
        #expect(!pair.client.channel.isActive && !pair.server.channel.isActive)
        pair.close()
    }
}

extension EventLoopFuture<Void> {
    /// Without waiting.
    func isFulfilledWithSuccess(on channel: EmbeddedChannel) throws -> Bool {
        var isDone = false
        self.assumeIsolated().whenSuccess { isDone = true }
        channel.embeddedEventLoop.run()
        return isDone
    }
}
