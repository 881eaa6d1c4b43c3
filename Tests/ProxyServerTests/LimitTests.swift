import NIOCore
import OddHost
import Testing

@testable import ProxyServer

/// `connections` and `pause` over all sessions, and sides that wait for each other.
@Suite(.serialized) struct LimitTests {
    @Test
    func sessionsShareTheOneConnectionThatIsAllowed() async throws {
        var behaviour = Behaviour()
        behaviour.connections = 2
        let host = try await OddHost.start(behaviour)
        let rig = try await Rig.start(to: host.port, "[address.\"127.0.0.1\"]\nconnections = 1")
        try await withThrowingTaskGroup { group in
            for number in 0..<8 {
                group.addTask {
                    let gateway = try await rig.greetedGateway()
                    for count in 0..<3 { #expect(await gateway.message(from: "a\(number)-\(count)@example.org") == Gateway.delivered) }
                    _ = await gateway.ask("QUIT")
                    gateway.endOutput()
                }
            }
            try await group.waitForAll()
        }
        #expect(host.counts.mostOpen <= 2)  // the host may see the new connection before it has worked off the end of the old
        #expect(host.counts.refused == 0)
        #expect(Set(host.messages.map(\.sender)).count == 24)
        #expect(host.messages.count == 24)
        try await rig.stop()
        await host.shutdown()
    }

    /// On one machine a hundred connections may await their greeting: gateway, Mailshim and host may all be there.
    @Test func twoThatLeadToEachOtherEndSoon() async throws {
        let one = try await Rig.start(to: 9)
        let two = try await Rig.start(to: await one.port)
        await one.proxy.reload(try Rig.parse("[[listener]]\nbind = \"127.0.0.1:0\"\ndestination = \"127.0.0.1:\(await two.port)\""))
        let gateway = try await one.gateway()
        #expect(await gateway.reply()?.hasPrefix("421 4.4.6 ") == true)
        gateway.endOutput()
        for rig in [one, two] {
            #expect(await rig.isQuiet())
            #expect(rig.journal.lines("session-opened").count <= LoopDetector.mostSilentHere + 1)
        }
        #expect(one.journal.lines("refused").count + two.journal.lines("refused").count == 1)
        try await one.stop()
        try await two.stop()
    }

    @Test func anIdleSessionGivesItsPlaceAwayAndGetsAnotherAtItsNextMail() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port, "[address.\"127.0.0.1\"]\nconnections = 1")
        let (first, second) = (try await rig.greetedGateway(), try await rig.greetedGateway())
        for gateway in [first, second, first, second] { #expect(await gateway.message(from: "a@example.org") == Gateway.delivered) }
        #expect(host.counts.mostOpen <= 2)  // the host may see the new connection before it has worked off the end of the old
        for gateway in [first, second] { gateway.endOutput() }
        try await rig.stop()
        await host.shutdown()
    }

    @Test func thePauseIsKept() async throws {
        var behaviour = Behaviour(.noReuse())
        behaviour.pause = .milliseconds(900)
        let host = try await OddHost.start(behaviour)
        let rig = try await Rig.start(to: host.port, "[address.\"127.0.0.1\"]\nconnections = 1\npause = \"1s\"")
        let gateway = try await rig.greetedGateway()
        for number in 0..<3 { #expect(await gateway.message(from: "a\(number)@example.org") == Gateway.delivered) }
        #expect(host.counts.refused == 0)
        gateway.endOutput()
        try await rig.stop()
        await host.shutdown()
    }

    @Test func aRemoteThatStopsReadingStopsTheGatewayNotTheMemory() async throws {
        var behaviour = Behaviour()
        behaviour.early = EarlyReply(after: 100_000, "", then: .stopsReading)
        let host = try await OddHost.start(behaviour)
        let rig = try await Rig.start(to: host.port, "[timeouts]\ncontent = \"2s\"")
        let gateway = try await rig.greetedGateway()
        for command in ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA"] { _ = await gateway.ask(command) }
        let before = residentKilobytes()
        // 100 MB that the remote does not take: the sockets' buffers hold some, the proxy must not hold the rest.
        let piece = [UInt8](String(repeating: "Some text that fills a line of a message, again and again.\r\n", count: 20_000).utf8)
        let sending = Task { for _ in 0..<80 { guard await gateway.send(piece) else { return } } }
        try await Task.sleep(for: .seconds(1))
        #expect(residentKilobytes() - before < 60_000)
        #expect(await rig.isQuiet(within: .seconds(60)))
        _ = await sending.value
        #expect(host.counts.messages == 0)
        try await rig.stop()
        await host.shutdown()
    }
}
