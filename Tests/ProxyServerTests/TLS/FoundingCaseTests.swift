import OddHost
import Testing

@testable import ProxyServer

/// The founding case with both legs encrypted.
@Suite(.serialized) struct SecureFoundingCaseTests {
    @Test(arguments: [Shape.noReuse(), .stickySender(), .limit(2), .silence(after: 1), .healthy])
    func everyMessageArrivesOnceOverTLS(_ shape: Shape) async throws {
        var behaviour = try SecureRig.behaviour()
        behaviour.shape = shape
        behaviour.keepsOldSender = true
        let secure = try await SecureRig.start(behaviour, remote: "tls = \"verified\"\nnames = [\"localhost\"]")
        let gateway = try await secure.gateway()
        #expect(await gateway.hello().contains("STARTTLS"))
        #expect(try await gateway.startTLS()?.version == .tls13)
        #expect(await gateway.hello().contains("STARTTLS") == false)
        let senders = (1...5).map { "a\($0)@example.org" }
        for sender in senders { #expect(await gateway.codes(from: sender) == Gateway.delivered) }
        #expect(await gateway.ask("QUIT")?.prefix(3) == "221")
        gateway.endOutput()
        #expect(await gateway.line() == nil)
        #expect(await secure.rig.isQuiet())
        #expect(secure.host.messages.map(\.sender) == senders)
        #expect(secure.host.misattributed == [])
        #expect(secure.host.visits.flatMap(\.complaints) == [])
        let handshakes = secure.host.visits.compactMap(\.handshake)
        #expect(handshakes.count == secure.host.counts.connections)
        #expect(handshakes.map(\.isResumed) == [false] + handshakes.dropFirst().map { _ in true })
        #expect(handshakes.allSatisfy { $0.name == "localhost" })
        let lines = secure.rig.journal.lines("tls").map { $0.text }
        #expect(lines.count == handshakes.count + 1)
        #expect(lines.first?.contains("side=remote connection=1") == true && lines.first?.contains("verified=yes resumed=no") == true)
        #expect(secure.rig.journal.lines("message").allSatisfy { $0.text.contains(" tls=TLSv1.3 ") })
        try await secure.stop()
    }

    /// `MAIL`, `RCPT` and DATA in one segment, when a second `MAIL` hears 503.
    @Test(arguments: [
        Shape.noReuse(), .noReuse(reset: .refused("503 5.5.1 no")), .noReuse(reset: .closes(saying: nil)), .stickySender(), .noReuse(refusing: .rcpt),
        .noReuse(refusing: .data), .limit(1), .silence(after: 1),
    ])
    func aGroupIsDeliveredWhole(_ shape: Shape) async throws {
        var behaviour = try SecureRig.behaviour()
        behaviour.shape = shape
        behaviour.keepsOldSender = true
        let secure = try await SecureRig.start(behaviour, remote: "tls = \"verified\"\nnames = [\"localhost\"]")
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        _ = try await gateway.startTLS()
        #expect(await gateway.hello().contains("PIPELINING"))
        let senders = (1...3).map { "a\($0)@example.org" }
        for sender in senders {
            gateway.send("MAIL FROM:<\(sender)>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n")
            for code in ["250", "250", "354"] { #expect(await gateway.reply()?.prefix(3) == code[...]) }
            #expect(await gateway.ask("Subject: x\r\n\r\nx\r\n.")?.prefix(3) == "250")
        }
        gateway.close()
        #expect(await secure.rig.isQuiet())
        #expect(secure.host.messages.map(\.sender) == senders)
        #expect(secure.host.misattributed == [])
        #expect(secure.host.visits.allSatisfy { $0.handshake != nil })
        try await secure.stop()
    }

    @Test func bigMessagesPassUnchangedBothWaysEncrypted() async throws {
        let secure = try await SecureRig.start(try SecureRig.behaviour())
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        _ = try await gateway.startTLS()
        _ = await gateway.hello()
        var content = ""
        for number in 0..<100_000 { content += "line \(number) of a message that is long enough to need many buffers, .\r\n" }
        #expect(await gateway.codes(from: "a@example.org", content) == Gateway.delivered)
        #expect(await gateway.codes(from: "b@example.org") == Gateway.delivered)
        #expect(secure.host.messages.first?.content == Array(content.utf8))
        gateway.close()
        try await secure.stop()
    }

    @Test func anEncryptedRemoteAndAGatewayInClearText() async throws {
        let secure = try await SecureRig.start(try SecureRig.behaviour())
        let gateway = try await secure.rig.greetedGateway()
        #expect(await gateway.message(from: "a@example.org") == Gateway.delivered)
        #expect(secure.host.visits.first?.handshake != nil)
        gateway.endOutput()
        try await secure.stop()
    }

    /// Exim closes its side along with QUIT, and complains of a connection that ends without close_notify.
    @Test func aGatewayThatHasClosedHearsTheEndAllTheSame() async throws {
        let secure = try await SecureRig.start(try SecureRig.behaviour())
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        _ = try await gateway.startTLS()
        gateway.sendLastWords("QUIT\r\n")
        #expect(await gateway.line()?.prefix(3) == "221")
        #expect(await gateway.line() == nil)
        #expect(!gateway.isTruncated)
        try await secure.stop()
    }

    /// Also where no name is known but that in the greeting.
    @Test(arguments: ["localhost", "127.0.0.1"]) func implicitOnBothLegs(_ destination: String) async throws {
        var behaviour = try SecureRig.behaviour()
        behaviour.shape = .noReuse()
        behaviour.tls?.isImplicit = true
        let secure = try await SecureRig.start(
            behaviour, remote: "tls = \"implicit\"", listener: "tls = { implicit = true }", destination: destination)
        let gateway = try await secure.gateway(implicit: true)
        #expect(gateway.facts != nil)
        #expect(await gateway.hello().contains("STARTTLS") == false)
        for number in 1...3 { #expect(await gateway.codes(from: "a\(number)@example.org") == Gateway.delivered) }
        #expect(await gateway.ask("QUIT")?.prefix(3) == "221")
        #expect(await gateway.line() == nil)
        gateway.close()
        #expect(await secure.rig.isQuiet())
        #expect(secure.host.visits.compactMap(\.handshake?.isResumed) == [false, true, true])
        try await secure.stop()
    }

    @Test func anImplicitListenerHearsNothingInClearText() async throws {
        let secure = try await SecureRig.start(
            try SecureRig.behaviour(), listener: "tls = { implicit = true }", "[timeouts]\nconnect = \"1s\"")
        let clear = try await secure.rig.gateway()
        await clear.send("EHLO x\r\nMAIL FROM:<a@example.org>\r\n")
        #expect(await clear.rest().text.contains("250") == false)
        let silent = try await secure.rig.gateway()
        #expect(await silent.rest().text == "")
        #expect(await secure.rig.isQuiet())
        #expect(secure.host.counts.connections == 0)
        #expect(secure.rig.journal.lines("tls-failed").count == 2)
        try await secure.stop()
    }
}

extension Line {
    var text: String { String(decoding: LineFormat.logfmt.render(self).dropLast(), as: UTF8.self) }
}
