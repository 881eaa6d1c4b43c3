import NIOCore
import NIOPosix
import Testing

@testable import OpenSSLTLS

/// What only a real socket does.
@Suite(.timeLimit(.minutes(5))) struct SocketTests {
    @Test func garbageInsteadOfAHello() async throws {
        for garbage in ["220 mail.example.test ESMTP\r\n", "\u{0}\u{1}\u{2}", "HTTP/1.1 400 Bad Request\r\n\r\n"] {
            let (listener, port) = try await Line.listen { nil }
            let client = try await Line.connect(port) { try TLSHandler(client: .testing(), name: Certificates.name) }
            let server = try await listener.next()
            server.write(garbage)
            #expect(try await client.error().hasPrefix("not TLS: "))
            try await client.wait(for: .inactive)
            server.channel.close(promise: nil)
        }
    }

    /// It begins like TLS, but is none.
    @Test func garbageInARecord() async throws {
        let (listener, port) = try await Line.listen { nil }
        let client = try await Line.connect(port) { try TLSHandler(client: .testing(), name: Certificates.name) }
        let server = try await listener.next()
        server.channel.writeAndFlush(ByteBuffer(bytes: [22, 3, 3, 0, 4, 99, 0, 0, 0]), promise: nil)
        let error = try await client.error()
        #expect(error.hasPrefix("handshake failed: unexpected message"), "\(error)")
        try await client.wait(for: .inactive)
        server.channel.close(promise: nil)
    }

    @Test(arguments: [0, 1, 5, 100, 500, 1000])
    func aResetInTheHandshake(after count: Int) async throws {
        let (listener, port) = try await Line.listen(front: { Resetter(after: count) }) { try TLSHandler(server: .testing()) }
        let client = try await Line.connect(port) { try TLSHandler(client: .testing(), name: Certificates.name) }
        _ = try await listener.next()
        let error = try await client.error()
        #expect(error.hasPrefix("handshake not finished: ") || error.contains("Connection reset"), "\(error)")
        try await client.wait(for: .inactive)
        #expect(await client.all.count { if case .error = $0 { true } else { false } } == 1)
    }

    @Test func anEndAfterTheHello() async throws {
        let (listener, port) = try await Line.listen { nil }
        let client = try await Line.connect(port) { try TLSHandler(client: .testing(), name: Certificates.name) }
        let server = try await listener.next()
        try await server.wait { Line.text(of: $0).isEmpty ? nil : true }
        try await server.channel.close()
        #expect(try await client.error().hasPrefix("handshake not finished: the peer closed the connection"))
        try await client.wait(for: .inactive)
    }

    /// A caller who has waited long enough closes the channel, and that is all.
    @Test func aStalledHandshake() async throws {
        let (listener, port) = try await Line.listen { nil }
        let client = try await Line.connect(port) { try TLSHandler(client: .testing(), name: Certificates.name) }
        let server = try await listener.next()
        try await server.wait { Line.text(of: $0).isEmpty ? nil : true }
        let written = client.channel.eventLoop.makePromise(of: Void.self)
        client.channel.writeAndFlush(ByteBuffer(string: "early"), promise: written)
        try await Task.sleep(for: .milliseconds(100))
        try await client.channel.close()
        await #expect(throws: ChannelError.ioOnClosedChannel) { try await written.futureResult.get() }
        try await client.wait(for: .inactive)
        #expect(await client.all == [.inactive])
        try await server.wait(for: .inputClosed)
        server.channel.close(promise: nil)
    }

    @Test func bothWaysAtOnceAndWhatIsNotReadIsSeen() async throws {
        let (listener, port) = try await Line.listen { try TLSHandler(server: .testing()) }
        let client = try await Line.connect(port) { try TLSHandler(client: .testing(), name: Certificates.name) }
        let server = try await listener.next()
        _ = try await client.facts()
        _ = try await server.facts()
        // Nobody reads, so the sockets fill, and the channels say so.
        try await client.channel.setOption(.autoRead, value: false).get()
        try await server.channel.setOption(.autoRead, value: false).get()
        let piece = String(repeating: "0123456789abcdef", count: 4096)
        var written = 0
        while written < 1024, client.channel.isWritable || server.channel.isWritable {
            client.write(piece)
            server.write(piece)
            written += 1
            // Until the loops have done it.
            try await client.channel.eventLoop.submit {}.get()
            try await server.channel.eventLoop.submit {}.get()
        }
        #expect(written < 1024, "64 MB were swallowed")
        #expect(written > 1)
        try await client.channel.setOption(.autoRead, value: true).get()
        try await server.channel.setOption(.autoRead, value: true).get()
        let total = written * piece.utf8.count
        for line in [client, server] {
            try await line.wait { Line.text(of: $0).utf8.count >= total ? true : nil }
            try await line.wait(for: .isWritable(true))
            #expect(await line.text == String(repeating: piece, count: written))
        }
        client.channel.close(promise: nil)
        try await server.wait(for: .inputClosed)
        #expect(await server.all.contains(.shutdown))
        server.channel.close(promise: nil)
    }

    /// With reading stopped, a handshake still goes on, and one `read` brings one piece although it takes many reads of the socket.
    @Test func readingByHand() async throws {
        let (listener, port) = try await Line.listen(front: { Slicer() }, autoRead: false) { try TLSHandler(server: .testing()) }
        let client = try await Line.connect(port) { try TLSHandler(client: .testing(), name: Certificates.name) }
        let server = try await listener.next()
        _ = try await server.facts()
        _ = try await client.facts()
        client.write("first\r\n")
        server.channel.read()
        try await server.wait(forText: "first\r\n")
        client.channel.close(promise: nil)
        server.channel.close(promise: nil)
    }
}
