import COpenSSL
import NIOCore
import NIOEmbedded
import Testing

@testable import OpenSSLTLS

/// What a peer may start after the handshake: new keys, a new handshake. The peer is OpenSSL, played by hand.
@Suite struct AnsweringTests {
    /// A handler of ours on one side; on the other OpenSSL without one.
    private struct Match {
        let channel = EmbeddedChannel()
        let recorder = Recorder()
        let peer: TLSConnection

        init(_ handler: TLSHandler, _ peer: TLSConnection) throws {
            self.peer = peer
            try self.channel.pipeline.syncOperations.addHandlers([handler, self.recorder])
            self.channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 25), promise: nil)
        }

        func toPeer() {
            while let bytes = try? self.channel.readOutbound(as: ByteBuffer.self) { self.peer.receive(bytes) }
        }

        func fromPeer() {
            guard let bytes = self.peer.takeOutput() else { return }
            self.channel.pipeline.fireChannelRead(bytes)
            self.channel.pipeline.fireChannelReadComplete()
            self.channel.embeddedEventLoop.run()
        }

        func handshake() throws {
            for _ in 0..<5 {
                self.toPeer()
                _ = try self.peer.shakeHands()
                self.fromPeer()
            }
        }

        func heardByPeer() throws -> String {
            var bytes = ByteBufferAllocator().buffer(capacity: 1000)
            self.toPeer()
            _ = try self.peer.read(into: &bytes)
            return String(buffer: bytes)
        }
    }

    @Test func aServerMayBeginAnewInTheMiddleOfWriting() throws {
        let peer = try TLSConnection(.testing(Certificates.rsa, .legacy))
        SSL_clear_options(peer.ssl, copenssl_op_no_renegotiation)
        let match = try Match(TLSHandler(client: .testing(.legacy), name: Certificates.name), peer)
        try match.handshake()
        #expect(match.recorder.facts?.version == .tls12)

        #expect(SSL_renegotiate(peer.ssl) == 1)
        _ = try peer.shakeHands()
        match.fromPeer()
        // Our hello is on its way, so nothing can be written now; it waits, with the end behind it.
        let written = match.channel.eventLoop.makePromise(of: Void.self)
        match.channel.write(ByteBuffer(string: "DATA\r\n"), promise: written)
        match.channel.flush()
        match.channel.close(mode: .output, promise: nil)
        match.channel.embeddedEventLoop.run()
        #expect(try !written.futureResult.isFulfilledWithSuccess(on: match.channel))
        var heard = ""
        for _ in 0..<5 {
            heard += try match.heardByPeer()
            match.fromPeer()
        }
        #expect(heard == "DATA\r\n")
        #expect(SSL_get_shutdown(peer.ssl) == SSL_RECEIVED_SHUTDOWN)
        #expect(try written.futureResult.isFulfilledWithSuccess(on: match.channel))
        #expect(match.recorder.errors.isEmpty)
        _ = try match.channel.finish(acceptAlreadyClosed: true)
    }

    @Test(arguments: [TLSAge.modern, .legacy])
    func aClientMayNotBeginAnew(_ age: TLSAge) throws {
        let peer = try TLSConnection(to: nil, .testing(.legacy), resuming: nil, onSession: nil)
        let match = try Match(TLSHandler(server: .testing(Certificates.rsa, age)), peer)
        try match.handshake()
        #expect(SSL_renegotiate(peer.ssl) == 1)
        _ = try peer.shakeHands()
        match.fromPeer()
        match.toPeer()
        let error = #expect(throws: TLSError.self) { while try !peer.shakeHands() {} }
        #expect(error?.description.contains("no renegotiation") == true)
        _ = try match.channel.finish(acceptAlreadyClosed: true)
    }

    @Test func keysMayChange() throws {
        let peer = try TLSConnection(to: nil, .testing(), resuming: nil, onSession: nil)
        let match = try Match(TLSHandler(server: .testing()), peer)
        try match.handshake()
        for number in 0..<100 {
            #expect(SSL_key_update(peer.ssl, Int32(SSL_KEY_UPDATE_REQUESTED)) == 1)
            _ = try peer.write(ByteBuffer(string: "\(number);"))
            match.fromPeer()
            match.channel.writeAndFlush(ByteBuffer(string: "\(number)"), promise: nil)
            #expect(try match.heardByPeer() == "\(number)")
        }
        #expect(match.recorder.text == (0..<100).map { "\($0);" }.joined())
        _ = try match.channel.finish(acceptAlreadyClosed: true)
    }

    /// A peer that demands answers for ever and takes none would fill our memory.
    @Test func aFloodOfDemandsIsBrokenOff() throws {
        let peer = try TLSConnection(to: nil, .testing(), resuming: nil, onSession: nil)
        let match = try Match(TLSHandler(server: .testing()), peer)
        try match.handshake()
        match.toPeer()
        match.channel.isWritable = false
        var demands = 0
        while match.channel.isActive, demands < 10_000 {
            demands += 1
            #expect(SSL_key_update(peer.ssl, Int32(SSL_KEY_UPDATE_REQUESTED)) == 1)
            _ = try peer.shakeHands()
            match.fromPeer()
        }
        #expect(match.recorder.tlsError == .flood)
        #expect(demands > 1000)
        _ = try match.channel.finish(acceptAlreadyClosed: true)
    }

    /// A client in the form of SSL 2, as OpenSSL 0.9.8 and Windows 2003 speak first.
    @Test func anOldHelloIsNotTakenForClearText() throws {
        let channel = EmbeddedChannel()
        let recorder = Recorder()
        try channel.pipeline.syncOperations.addHandlers([TLSHandler(server: .testing(Certificates.rsa, .legacy)), recorder])
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 25), promise: nil)
        // RFC 5246 §E.2: length, client hello, TLS 1.0, one cipher (TLS_RSA_WITH_AES_128_CBC_SHA), no session, 16 octets of challenge.
        let hello: [UInt8] = [0x80, 28, 1, 3, 1, 0, 3, 0, 0, 0, 16, 0, 0, 0x2F] + [UInt8](repeating: 7, count: 16)
        channel.pipeline.fireChannelRead(ByteBuffer(bytes: hello))
        channel.pipeline.fireChannelReadComplete()
        #expect(recorder.errors.isEmpty)
        let answer = try #require(try channel.readOutbound(as: ByteBuffer.self))
        #expect(Array(answer.readableBytesView.prefix(3)) == [22, 3, 1])
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }
}
