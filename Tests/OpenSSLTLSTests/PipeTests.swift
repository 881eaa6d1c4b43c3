import NIOCore
import NIOEmbedded
import Testing

@testable import OpenSSLTLS

/// ``TLSClientPipe`` against a ``TLSHandler``, without a socket.
@Suite struct PipeTests {
    /// The server's end.
    private final class Server {
        let channel = EmbeddedChannel()

        init(_ pair: Certificates.Pair = Certificates.good) throws {
            try self.channel.pipeline.syncOperations.addHandler(TLSHandler(server: .testing(pair)))
            self.channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 25), promise: nil)
        }

        deinit { _ = try? self.channel.finish(acceptAlreadyClosed: true) }

        /// What the client says, and all that comes back for it.
        func answer(to bytes: ByteBuffer?) throws -> ByteBuffer {
            if let bytes { try self.channel.writeInbound(bytes) }
            var answer = ByteBuffer()
            while let piece = try self.channel.readOutbound(as: ByteBuffer.self) { answer.writeImmutableBuffer(piece) }
            return answer
        }
    }

    private func shakenHands(_ pipe: TLSClientPipe, _ server: Server) throws -> TLSFacts {
        for _ in 0..<10 {
            let facts = try pipe.shakeHands()
            pipe.receive(try server.answer(to: pipe.takeOutput()))
            if let facts { return facts }
        }
        throw ChannelError.eof
    }

    @Test func `octets go both ways`() throws {
        let server = try Server()
        let pipe = try TLSClientPipe(.testing(), name: Certificates.name)
        let facts = try self.shakenHands(pipe, server)
        #expect(facts.version == .tls13 && facts.doubt == nil && facts.requestedName == Certificates.name)
        let long = String(repeating: "mail ", count: 20_000)
        try pipe.write(ByteBuffer(string: long))
        _ = try server.answer(to: pipe.takeOutput())
        var heard = ""
        while let bytes = try server.channel.readInbound(as: ByteBuffer.self) { heard += String(buffer: bytes) }
        #expect(heard == long)
        try server.channel.writeOutbound(ByteBuffer(string: long))
        pipe.receive(try server.answer(to: nil))
        var buffer = ByteBuffer()
        #expect(try pipe.read(into: &buffer))
        #expect(String(buffer: buffer) == long)
    }

    @Test func `the server's goodbye is the end`() throws {
        let server = try Server()
        let pipe = try TLSClientPipe(.testing(), name: nil)
        #expect(try self.shakenHands(pipe, server).nameDoubt == "no name was expected")
        server.channel.close(mode: .output, promise: nil)
        pipe.receive(try server.answer(to: nil))
        var buffer = ByteBuffer()
        #expect(try pipe.read(into: &buffer) == false)
    }

    @Test func `what is no TLS is named`() throws {
        let pipe = try TLSClientPipe(.testing(), name: nil)
        #expect(try pipe.shakeHands() == nil)
        pipe.receive(ByteBuffer(string: "454 not today\r\n"))
        #expect(throws: TLSError.notTLS(start: "454 not today\\x0D\\x0A")) { try pipe.shakeHands() }
    }

    @Test func `a name that is none`() {
        #expect(throws: TLSError.name("a b")) { try TLSClientPipe(.testing(), name: "a b") }
    }
}
