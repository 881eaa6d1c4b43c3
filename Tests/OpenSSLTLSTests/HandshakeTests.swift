import NIOCore
import NIOEmbedded
import Testing

@testable import OpenSSLTLS

@Suite struct HandshakeTests {
    @Test func bothSidesLearnWhatItCameTo() throws {
        let pair = try MemoryPair.usual()
        pair.pump()
        let facts = try #require(pair.client.recorder.facts)
        #expect(facts.version == .tls13)
        #expect(facts.cipher == "TLS_AES_256_GCM_SHA384")
        #expect(facts.bits == 256)
        #expect(!facts.resumed)
        #expect(facts.isVerified)
        #expect(facts.doubt == nil)
        #expect(facts.weaknesses.isEmpty)
        #expect(facts.peer?.names == ["mx.example.test"])
        #expect(facts.peer?.subject == "CN=mx.example.test")
        #expect(facts.peer?.issuer == "CN=authority")
        #expect(pair.client.recorder.seen == [.established, .handshakeCompleted])

        let server = try #require(pair.server.recorder.facts)
        #expect(server.version == .tls13)
        #expect(server.requestedName == "mx.example.test")
        #expect(server.peer == nil)
        #expect(!server.isVerified)
        #expect(pair.server.recorder.seen == [.established, .handshakeCompleted])
        pair.close()
    }

    @Test func theFingerprintIsThatOfTheCommand() throws {
        let pair = try MemoryPair.usual()
        pair.pump()
        let printed = Command.run(["x509", "-in", Certificates.good.certificate, "-noout", "-fingerprint", "-sha256"])
        let fingerprint = try #require(pair.client.recorder.facts?.peer?.fingerprint)
        #expect(printed.contains("=\(fingerprint)\n"))
        pair.close()
    }

    @Test(arguments: [1, 2, 5, 6, 7, 100, 1000, 16_389])
    func octetsMayComeInPieces(_ piece: Int) throws {
        let pair = try MemoryPair.usual()
        let long = String(repeating: "0123456789abcdef", count: 2500)
        pair.client.write("EHLO\r\n")
        pair.pump(piece: piece)
        pair.client.write(long)
        pair.server.write(long + "!")
        pair.pump(piece: piece)
        #expect(pair.client.recorder.text == long + "!")
        #expect(pair.server.recorder.text == "EHLO\r\n" + long)
        #expect(pair.client.recorder.errors.isEmpty && pair.server.recorder.errors.isEmpty)
        pair.close()
    }

    @Test func manyOctetsGoBothWaysAtOnce() throws {
        let pair = try MemoryPair.usual()
        pair.pump()
        let big = ByteBuffer(bytes: (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        pair.client.channel.writeAndFlush(big, promise: nil)
        pair.server.channel.writeAndFlush(big, promise: nil)
        pair.pump(piece: 7919)
        #expect(pair.client.recorder.bytes == big)
        #expect(pair.server.recorder.bytes == big)
        pair.close()
    }

    @Test func legacyEndsInTLS12() throws {
        let pair = try MemoryPair.usual(age: .legacy)
        pair.pump()
        #expect(pair.client.recorder.facts?.version == .tls12)
        #expect(pair.client.recorder.facts?.weaknesses == [])
        #expect(pair.client.recorder.facts?.isVerified == true)
        pair.close()
    }

    /// STARTTLS: the pipeline is alive, and some clear text has passed.
    @Test func itCanBePutIntoALivePipeline() throws {
        let pair = MemoryPair()
        try pair.server.connect(nil)
        try pair.client.connect(nil)
        pair.client.write("STARTTLS\r\n")
        pair.pump()
        #expect(pair.server.recorder.text == "STARTTLS\r\n")
        pair.server.write("220 go\r\n")
        try pair.server.channel.pipeline.syncOperations.addHandler(TLSHandler(server: .testing()), position: .first)
        pair.pump()
        #expect(pair.client.recorder.text == "220 go\r\n")
        try pair.client.channel.pipeline.syncOperations.addHandler(TLSHandler(client: .testing(), name: Certificates.name), position: .first)
        pair.client.write("EHLO again\r\n")
        pair.pump()
        #expect(pair.server.recorder.text == "STARTTLS\r\nEHLO again\r\n")
        #expect(pair.client.recorder.facts?.isVerified == true)
        pair.close()
    }

    @Test func whatWasReadInClearTextIsRefused() throws {
        let unread = ByteBuffer(string: "MAIL FROM:<a@b>\r\n")
        #expect(throws: TLSError.plaintext(octets: 17)) { try TLSHandler(server: .testing(), unread: unread) }
        #expect(throws: TLSError.plaintext(octets: 17)) { try TLSHandler(client: .testing(), name: nil, unread: unread) }
    }

    @Test(arguments: [1, Int.max])
    func clearTextInFrontOfTheHandshakeIsRefused(piece: Int) throws {
        let pair = MemoryPair()
        try pair.server.connect(TLSHandler(server: .testing()))
        try pair.client.connect(nil)
        pair.client.write("AUTH PLAIN c2VjcmV0\r\n")
        pair.pump(piece: piece)
        #expect(pair.server.recorder.tlsError == .notTLS(start: piece == 1 ? "A" : "AUTH…"))
        #expect(pair.server.recorder.text == "")
        #expect(!pair.server.channel.isActive)
        pair.close()
    }

    @Test func aServerThatGoesOnInClearTextIsQuoted() throws {
        let pair = MemoryPair()
        try pair.server.connect(nil)
        try pair.client.connect(TLSHandler(client: .testing(), name: Certificates.name))
        pair.server.write("454 TLS not available\u{7}\r\n")
        pair.pump()
        let error = try #require(pair.client.recorder.tlsError)
        #expect(error == .notTLS(start: "454 TLS not available\\x07\\x0D\\x0A"))
        #expect(error.description == "not TLS: \"454 TLS not available\\x07\\x0D\\x0A\"")
        #expect(!pair.client.channel.isActive)
        pair.close()
    }

    @Test func namesThatAreNone() throws {
        for name in ["", ".", "a b", "a\u{0}b", "ümlaut.example", String(repeating: "a", count: 254), "[127.0.0.1]"] {
            #expect(throws: TLSError.name(name)) { try TLSHandler(client: .testing(), name: name) }
        }
    }
}
