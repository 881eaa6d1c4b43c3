import NIOCore
import OddHost
import ServiceLifecycle
import Testing

@testable import ProxyServer

/// Who is let in, and what becomes of sessions at the end (README.md).
@Suite(.serialized) struct ListenerTests {
    /// A slip in our own config must not bounce mail.
    @Test func aStrangerHears421AndTheLogWhatToAdd() async throws {
        let rig = try await Rig.start(
            "[[listener]]\nname = \"outbound\"\nbind = \"127.0.0.1:0\"\ndestination = \"127.0.0.1:9\"\nallow = [\"192.0.2.0/24\"]")
        for _ in 0..<3 {
            let gateway = try await rig.gateway()
            await gateway.send("EHLO too.early\r\n")
            let (text, isReset) = await gateway.rest()
            #expect(text == "421 4.7.1 shim.test this gateway is not allowed here\r\n")
            #expect(!isReset)
        }
        // One line a minute.
        #expect(
            rig.journal.lines("refused").map(\.text) == [
                "event=refused listener=outbound gateway=127.0.0.1 because=\"not in allow of this listener\" "
                    + "fix=\"add 127.0.0.1 to allow of listener outbound\" told=\"421 4.7.1 shim.test this gateway is not allowed here\" count=1"
            ])
        try await rig.stop()
    }

    /// More than 256 that linger, and the next ones are closed without a word.
    @Test func refusedConnectionsDoNotPileUp() async throws {
        let rig = try await Rig.start(to: 9, "allow = [\"192.0.2.0/24\"]")
        let port = await rig.port
        var lingering: [Gateway] = []
        for _ in 0..<300 { lingering.append(try Gateway(port: port)) }
        var told = 0
        for gateway in lingering where await gateway.rest().text.hasPrefix("421 4.7.1") { told += 1 }
        #expect(told >= 200 && told <= RejectHandler.mostAtOnce)
        try await rig.stop()
    }

    /// An `allow` that somebody wrote means what it says: the loopback address that connects is none of it.
    @Test(arguments: [("allow = [\"127.0.0.2/32\"]", "421 4.7.1"), ("allow = [\"127.0.0.1\"]", "220"), ("", "220")])
    func allowMeansWhatItSays(_ allow: String, _ reply: String) async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port, allow)
        let gateway = try await rig.gateway()
        #expect(await gateway.reply()?.hasPrefix(reply) == true)
        gateway.endOutput()
        try await rig.stop()
        await host.shutdown()
    }

    @Test func aListenerHasSeveralAddresses() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(
            "[[listener]]\nname = \"both\"\nbind = [\"127.0.0.1:0\", \"[::1]:0\"]\ndestination = \"127.0.0.1:\(host.port)\"")
        for (listener, address) in await rig.proxy.listening {
            #expect(listener == "both")
            let gateway = try Gateway(port: address.port ?? 0, host: address.ipAddress ?? "")
            #expect(await gateway.reply()?.hasPrefix("220") == true)
            gateway.endOutput()
        }
        #expect(rig.journal.lines("listening").count == 2)
        // One of them stays, with its socket.
        let first = await rig.port
        await rig.proxy.reload(try Rig.parse("[[listener]]\nname = \"one\"\nbind = \"127.0.0.1:0\"\ndestination = \"127.0.0.1:\(host.port)\""))
        #expect(await rig.proxy.listening.map { $0.listener } == ["one"])
        #expect(await rig.port == first)
        try await rig.stop()
        await host.shutdown()
    }

    @Test func whatWasNotRedirectedIsRefusedWithTheRemedy() async throws {
        let rig = try await Rig.start("[[listener]]\nbind = \"127.0.0.1:0\"\ndestination = \"original\"")
        let gateway = try await rig.gateway()
        let (text, _) = await gateway.rest()
        #expect(text == "421 4.3.5 shim.test this connection was not redirected here; see mailshim firewall\r\n")
        #expect(await rig.journal.first("refused")?.fields.contains(Line.Field(name: "fix", value: .text("mailshim firewall | sh"))) == true)
        try await rig.stop()
    }

    @Test func aListenerThatIsItsOwnDestinationIsRefused() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port)
        let port = await rig.port
        await rig.proxy.reload(try Rig.parse("[[listener]]\nname = \"x\"\nbind = \"127.0.0.1:0\"\ndestination = \"127.0.0.1:\(port)\""))
        let gateway = try await rig.gateway()
        #expect(await gateway.reply()?.hasPrefix("421 4.3.5") == true)
        gateway.endOutput()
        try await rig.stop()
        await host.shutdown()
    }

    /// Like an address, but for that the name had to be resolved first.
    @Test func aNameOfItsOwnAddressIsRefusedWithTheRemedy() async throws {
        let rig = try await Rig.start(to: 9)
        await rig.proxy.reload(
            try Rig.parse("[[listener]]\nname = \"x\"\nbind = \"127.0.0.1:0\"\ndestination = \"localhost:\(await rig.port)\""))
        let gateway = try await rig.gateway()
        #expect(await gateway.reply() == "421 4.4.1 shim.test cannot reach localhost: its destination is Mailshim itself")
        gateway.endOutput()
        let line = await rig.journal.first("refused")?.text
        #expect(line?.contains("because=\"loop: the destination is a listener of ours\" fix=\"change the destination of this listener\"") == true)
        #expect(await rig.journal.first("connect-failed")?.text.contains("because=\"its destination is Mailshim itself\"") == true)
        try await rig.stop()
    }

    @Test func twoListenersThatLeadToEachOtherAreNoticed() async throws {
        let first = try await Rig.start(to: 9)
        let port = await first.port
        // The second listener's port is only known once it is open; then the first is made to lead to it.
        await first.proxy.reload(
            try Rig.parse(
                """
                [[listener]]
                bind = "127.0.0.1:0"
                destination = "127.0.0.1:9"
                [[listener]]
                bind = "[::1]:0"
                destination = "127.0.0.1:\(port)"
                """))
        let gateway = try Gateway(port: await first.proxy.listening.last?.address.port ?? 0, host: "::1")
        #expect(await gateway.reply()?.hasPrefix("421 4.3.5") == true)
        gateway.endOutput()
        try await first.stop()
    }

    @Test func sessionsAreLimitedInAllAndForEachGateway() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port, "[limits]\nsessions = 2\nsessions-per-gateway = 2")
        let first = try await rig.greetedGateway()
        let second = try await rig.greetedGateway()
        let third = try await rig.gateway()
        #expect(await third.reply() == "421 4.3.2 shim.test too many sessions, try again later")
        third.endOutput()
        #expect(await first.ask("QUIT")?.prefix(3) == "221")
        first.endOutput()
        for _ in 0..<1_000 where rig.proxy.sessionCount > 1 { try await Task.sleep(for: .milliseconds(5)) }
        let fourth = try await rig.greetedGateway()
        for gateway in [second, fourth] { gateway.endOutput() }
        try await rig.stop()
        await host.shutdown()
    }

    @Test(arguments: [("sessions = 1", "limits.sessions"), ("sessions-per-gateway = 1", "limits.sessions-per-gateway")])
    func aRefusalNamesTheLimit(_ limit: String, _ because: String) async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port, "[limits]\n\(limit)")
        let first = try await rig.greetedGateway()
        let second = try await rig.gateway()
        #expect(await second.reply() == "421 4.3.2 shim.test too many sessions, try again later")
        #expect(rig.journal.lines("refused").map { $0.fields.first { $0.name == "because" }?.value } == [.text(because)])
        for gateway in [first, second] { gateway.endOutput() }
        try await rig.stop()
        await host.shutdown()
    }

    @Test func aPortInUseIsAnError() async throws {
        let host = try await OddHost.start()
        let rig = Rig(try Rig.parse("[[listener]]\nname = \"out\"\nbind = \"127.0.0.1:\(host.port)\"\ndestination = \"127.0.0.1:9\""), descriptor: -1)
        await #expect(throws: BindFailure(listener: "out", bind: "127.0.0.1:\(host.port)", because: "the port is in use")) {
            try await rig.hasStopped()
        }
        #expect(rig.journal.lines("bind-failed").count == 1)
        await host.shutdown()
    }

    @Test func aGracefulStopLetsTheMessageInProgressFinish() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port)
        let (idle, busy) = (try await rig.greetedGateway(), try await rig.greetedGateway())
        for command in ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA"] { _ = await busy.ask(command) }
        await rig.beginStop()
        #expect(await idle.reply()?.prefix(3) == "421")
        #expect(await idle.line() == nil)
        idle.endOutput()
        await busy.send("Subject: x\r\n\r\nx\r\n.\r\n")
        #expect(await busy.reply()?.prefix(3) == "250")
        #expect(await busy.reply()?.prefix(3) == "421")
        busy.endOutput()
        try await rig.hasStopped()
        #expect(host.counts.messages == 1)
        #expect(rig.journal.lines("stopped").first?.fields == [Line.Field(name: "aborted", value: .number(0))])
        await host.shutdown()
    }

    @Test func aGracefulStopEndsAfterDrain() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port, "[timeouts]\ndrain = \"1s\"")
        let busy = try await rig.greetedGateway()
        for command in ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA"] { _ = await busy.ask(command) }
        await busy.send("Subject: half\r\n")
        try await rig.stop()
        #expect(await busy.line() == nil)
        #expect(host.counts.messages == 0)
        #expect(rig.journal.lines("stopped").first?.fields == [Line.Field(name: "aborted", value: .number(1))])
        await host.shutdown()
    }

    /// Law 2.
    @Test func whoWaitsForTheReplyToItsMessageAfterDrainHears421() async throws {
        var behaviour = Behaviour()
        behaviour.exceptions = [.at(.endOfData, nil, connection: nil, .nothing)]
        let host = try await OddHost.start(behaviour)
        let rig = try await Rig.start(to: host.port, "[timeouts]\ndrain = \"1s\"")
        let busy = try await rig.greetedGateway()
        for command in ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA"] { _ = await busy.ask(command) }
        await busy.send("Subject: x\r\n\r\nx\r\n.\r\n")
        async let stop: Void = rig.stop()
        #expect(await busy.reply()?.hasPrefix("421 4.3.2 ") == true)
        #expect(await busy.line() == nil)
        busy.endOutput()
        try await stop
        #expect(rig.journal.lines("stopped").first?.fields == [Line.Field(name: "aborted", value: .number(1))])
        await host.shutdown()
    }

    @Test func aHostNameIsResolvedFirst() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start("[[listener]]\nbind = \"127.0.0.1:0\"\ndestination = \"localhost:\(host.port)\"")
        let gateway = try await rig.greetedGateway()
        #expect(await gateway.message(from: "a@example.org") == Gateway.delivered)
        let remote = rig.journal.lines("message").first?.fields.first { $0.name == "remote" }?.value
        #expect(remote == .text("127.0.0.1:\(host.port)"))
        gateway.endOutput()
        try await rig.stop()
        await host.shutdown()
    }

    @Test func aHostNameThatDoesNotResolveIsA421() async throws {
        let rig = try await Rig.start("[[listener]]\nbind = \"127.0.0.1:0\"\ndestination = \"no-such-host.invalid:25\"")
        let gateway = try await rig.gateway()
        #expect(await gateway.reply()?.contains("no-such-host.invalid does not resolve") == true)
        gateway.endOutput()
        try await rig.stop()
    }
}
