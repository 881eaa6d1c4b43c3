import NIOCore
import OddHost
import Testing

@testable import ProxyServer

/// Whole sessions through real sockets.
@Suite(.serialized) struct SessionTests {
    @Test func aHealthyHostGetsWhatTheGatewaySends() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.greetedGateway()
        for number in 1...3 { #expect(await gateway.message(from: "a\(number)@example.org") == Gateway.delivered) }
        #expect(await gateway.ask("QUIT")?.prefix(3) == "221")
        gateway.endOutput()
        #expect(await gateway.line() == nil)
        #expect(await rig.isQuiet())
        #expect(host.messages.map(\.sender) == ["a1@example.org", "a2@example.org", "a3@example.org"])
        #expect(host.counts.connections == 1)
        #expect(host.visits.flatMap(\.complaints) == [])
        #expect(rig.journal.lines("message").count == 3)
        #expect(rig.journal.lines("session-ended").count == 1)
        try await rig.stop()
        await host.shutdown()
    }

    static let shapes: [Shape] = [
        .stickySender(), .noReuse(), .noReuse(reset: .refused("503 no")), .noReuse(reset: .closes(saying: nil)), .limit(1), .limit(2),
        .silence(after: 1), .silence(after: 2, when: .atNextCommand(saying: nil)),
    ]

    @Test(arguments: shapes)
    func everyMessageArrivesOnceInItsOwnEnvelope(_ shape: Shape) async throws {
        var behaviour = Behaviour(shape)
        behaviour.keepsOldSender = true
        let host = try await OddHost.start(behaviour)
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.greetedGateway()
        let senders = (1...6).map { "a\($0)@example.org" }
        for sender in senders { #expect(await gateway.message(from: sender, "Subject: \(sender)\r\n\r\n.x\r\n") == Gateway.delivered) }
        #expect(await gateway.ask("QUIT")?.prefix(3) == "221")
        gateway.endOutput()
        #expect(await rig.isQuiet())
        #expect(host.messages.map(\.sender) == senders)
        #expect(host.messages.allSatisfy { String(decoding: $0.content, as: UTF8.self).hasPrefix("Subject: \($0.sender)\r\n") })
        #expect(host.misattributed == [])
        try await rig.stop()
        await host.shutdown()
    }

    @Test func tenMegabytesPassUnchanged() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.greetedGateway()
        var content = ""
        for number in 0..<150_000 { content += "line \(number) of a message that is long enough to need many buffers, .\r\n" }
        #expect(await gateway.message(from: "a@example.org", content) == Gateway.delivered)
        #expect(host.messages.first?.content == Array(content.utf8))
        #expect(await gateway.message(from: "b@example.org") == Gateway.delivered)
        gateway.endOutput()
        try await rig.stop()
        await host.shutdown()
    }

    @Test func aGatewayThatClosesItsHalfBehindItsMailIsAnswered() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.gateway()
        await gateway.send("EHLO gateway.test\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n")
        await gateway.send("Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n")
        gateway.endOutput()
        let (text, isReset) = await gateway.rest()
        #expect(!isReset)
        #expect(text.split(separator: "\r\n").last?.hasPrefix("221") == true)
        #expect(host.counts.messages == 1)
        #expect(await rig.isQuiet())
        try await rig.stop()
        await host.shutdown()
    }

    @Test func aGatewayThatResetsInTheMiddleDeliversNothing() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.greetedGateway()
        for command in ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA"] { _ = await gateway.ask(command) }
        await gateway.send("Subject: half\r\n\r\nhal")
        gateway.reset()
        #expect(await rig.isQuiet())
        #expect(host.counts.messages == 0)
        try await rig.stop()
        await host.shutdown()
    }

    @Test func aRemoteThatIsNotThereIsA421ThatSaysWhy() async throws {
        let host = try await OddHost.start()
        await host.shutdown()
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.gateway()
        let reply = await gateway.reply()
        #expect(reply?.prefix(3) == "421")
        #expect(reply?.contains("connection refused") == true)
        #expect(await gateway.line() == nil)
        gateway.endOutput()
        #expect(await rig.isQuiet())
        try await rig.stop()
    }

    @Test func aReplyBeforeAResetIsHeard() async throws {
        var behaviour = Behaviour()
        behaviour.early = EarlyReply(after: 1000, "554 5.7.1 No", then: .closes)
        let host = try await OddHost.start(behaviour)
        let rig = try await Rig.start(to: host.port)
        let content = String(repeating: "Some text that fills a line of a message, again and again.\r\n", count: 20_000)
        for _ in 0..<20 {
            let gateway = try await rig.greetedGateway()
            #expect(await gateway.message(from: "a@example.org", content) == ["250", "250", "354", "554"])
            gateway.endOutput()
        }
        try await rig.stop()
        await host.shutdown()
    }

    /// What an old connection still says or does must never be taken for the new one's.
    static let partings: [Deed] = [
        .raw("221 bye\r\n250 late\r\n554 later\r\n"), .nothing, .close(saying: nil), .abort(saying: "221 bye"),
        .raw("554 no\r\n" + String(repeating: "x", count: 9_000)),
        .wait(.milliseconds(1_200), then: .close(saying: "421 late")),
    ]

    @Test(arguments: partings)
    func aConnectionThatPartsOddlyDisturbsNothing(_ parting: Deed) async throws {
        var behaviour = Behaviour(.noReuse())
        behaviour.exceptions = [.at(.quit, nil, connection: nil, parting)]
        let host = try await OddHost.start(behaviour)
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.greetedGateway()
        let senders = (1...4).map { "a\($0)@example.org" }
        for sender in senders { #expect(await gateway.message(from: sender) == Gateway.delivered) }
        gateway.endOutput()
        #expect(await rig.isQuiet())
        #expect(host.messages.map(\.sender) == senders)
        try await rig.stop()
        await host.shutdown()
    }

    @Test func bytesThatWaitedForTheRemoteAreNotLost() async throws {
        var behaviour = Behaviour()
        behaviour.exceptions = [.at(.connect, nil, connection: nil, .wait(.milliseconds(300), then: .usual))]
        let host = try await OddHost.start(behaviour)
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.gateway()
        await gateway.send("EHLO gateway.test\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n")
        for _ in 0..<4 { _ = await gateway.reply() }
        #expect(await gateway.reply()?.prefix(3) == "354")
        await gateway.send("Subject: x\r\n\r\nx\r\n.\r\n")
        #expect(await gateway.reply()?.prefix(3) == "250")
        gateway.endOutput()
        try await rig.stop()
        await host.shutdown()
    }

    /// Its replies wait in the system when the connection is closed behind QUIT, and arrive.
    @Test func aGatewayThatReadsSlowlyHearsAllThatWasSaidBeforeQUIT() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port)
        let gateway = try Gateway(port: await rig.port, receiveBuffer: 2048)
        #expect(await gateway.reply()?.prefix(3) == "220")
        await gateway.send(String(repeating: "EHLO gateway.test\r\n", count: 2_000) + "QUIT\r\n")
        #expect(await rig.journal.first("session-ended") != nil)
        var replies: [Substring] = []
        while let reply = await gateway.reply() { replies.append(reply.prefix(3)) }
        #expect(replies.count == 2_001 && replies.last == "221" && replies.dropLast().allSatisfy { $0 == "250" })
        try await rig.stop()
        await host.shutdown()
    }

    /// A close in front of what it still sends would be a reset, which may take the 221 along.
    @Test func whatAGatewaySaysBehindQUITCostsItNoReply() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port)
        for octets in [1, 600, 15_000] {
            let gateway = try await rig.greetedGateway()
            await gateway.send("QUIT\r\n" + String(repeating: "x", count: octets))
            #expect(await gateway.reply()?.prefix(3) == "221")
            #expect(await gateway.rest() == ("", false))
        }
        try await rig.stop()
        await host.shutdown()
    }

    @Test func aGatewayThatLeavesAtOnceLeavesNothingBehind() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start("[[listener]]\nbind = \"127.0.0.1:0\"\ndestination = \"localhost:\(host.port)\"")
        for number in 0..<50 {
            let gateway = try await rig.gateway()
            if number.isMultiple(of: 2) { gateway.reset() } else { gateway.endOutput() }
        }
        #expect(await rig.isQuiet())
        for _ in 0..<2_000 where host.counts.open > 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(host.counts.open == 0)
        try await rig.stop()
        await host.shutdown()
    }

    @Test func whatWasLearnedHoldsForTheRestOfTheSession() async throws {
        let host = try await OddHost.start(Behaviour(.noReuse()))
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.greetedGateway()
        for number in 1...6 { #expect(await gateway.message(from: "a\(number)@example.org") == Gateway.delivered) }
        gateway.endOutput()
        #expect(await rig.isQuiet())
        #expect(host.counts.messages == 6)
        // MAIL, and once more behind RSET: of one message only.
        #expect(host.visits.flatMap(\.transcript).count { $0.hasPrefix("S: 503") } == 2)
        #expect(rig.journal.lines("quirk-learned").count == 1)
        try await rig.stop()
        await host.shutdown()
    }
}
