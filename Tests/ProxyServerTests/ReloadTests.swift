import OddHost
import Rules
import Testing

@testable import ProxyServer

/// What becomes of listeners and sessions when the config is read again.
@Suite(.serialized) struct ReloadTests {
    @Test func aReloadHoldsForNewSessions() async throws {
        let (first, second) = (try await OddHost.start(), try await OddHost.start())
        let rig = try await Rig.start(to: first.port)
        let old = try await rig.greetedGateway()
        await rig.proxy.reload(try Rig.parse("[[listener]]\nbind = \"127.0.0.1:0\"\ndestination = \"127.0.0.1:\(second.port)\""))
        let new = try await rig.greetedGateway()
        #expect(await old.message(from: "old@example.org") == Gateway.delivered)
        #expect(await new.message(from: "new@example.org") == Gateway.delivered)
        #expect(first.messages.map(\.sender) == ["old@example.org"])
        #expect(second.messages.map(\.sender) == ["new@example.org"])
        #expect(rig.journal.lines("listening").count == 1)
        for gateway in [old, new] { gateway.endOutput() }
        try await rig.stop()
        await first.shutdown()
        await second.shutdown()
    }

    @Test func aReloadOpensAndClosesListeners() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port)
        let port = await rig.port
        await rig.proxy.reload(try Rig.parse("[[listener]]\nname = \"six\"\nbind = \"[::1]:0\"\ndestination = \"127.0.0.1:\(host.port)\""))
        #expect(throws: (any Error).self) { try Gateway(port: port) }
        let gateway = try Gateway(port: await rig.port, host: "::1")
        #expect(await gateway.reply()?.prefix(3) == "220")
        gateway.endOutput()
        #expect(rig.journal.lines("listener-closed").count == 1)
        try await rig.stop()
        await host.shutdown()
    }

    /// README.md: on reload an error leaves the running config as it is.
    @Test func aReloadThatCannotOpenAListenerChangesNothing() async throws {
        let (first, second) = (try await OddHost.start(), try await OddHost.start())
        let rig = try await Rig.start(to: first.port)
        let before = await rig.proxy.listening.map(\.address)
        await rig.proxy.reload(
            try Rig.parse(
                """
                [[listener]]
                bind = "127.0.0.1:0"
                destination = "127.0.0.1:\(second.port)"
                [[listener]]
                bind = "[::1]:0"
                destination = "127.0.0.1:\(second.port)"
                [[listener]]
                name = "taken"
                bind = "127.0.0.1:\(first.port)"
                destination = "127.0.0.1:\(second.port)"
                """))
        #expect(
            rig.journal.lines("bind-failed").map(\.text) == [
                "event=bind-failed listener=taken bind=127.0.0.1:\(first.port) because=\"the port is in use\""
            ])
        #expect(rig.journal.lines("reload-failed").count == 1)
        #expect(rig.journal.lines("reloaded").isEmpty && rig.journal.lines("listener-closed").isEmpty)
        #expect(await rig.proxy.listening.map(\.address) == before)
        let gateway = try await rig.greetedGateway()
        #expect(await gateway.message(from: "a@example.org") == Gateway.delivered)
        #expect(first.messages.count == 1 && second.messages.isEmpty)
        gateway.endOutput()
        try await rig.stop()
        for host in [first, second] { await host.shutdown() }
    }

    /// The old one has to go before the new one can be opened.
    @Test func aReloadFromAllAddressesToOneOnTheSamePort() async throws {
        let host = try await OddHost.start()
        let port = try await Self.freePort()
        let rig = try await Rig.start("[[listener]]\nname = \"all\"\nbind = \"0.0.0.0:\(port)\"\ndestination = \"127.0.0.1:\(host.port)\"")
        await rig.proxy.reload(try Rig.parse("[[listener]]\nname = \"one\"\nbind = \"127.0.0.1:\(port)\"\ndestination = \"127.0.0.1:\(host.port)\""))
        #expect(rig.journal.lines("reloaded").count == 1)
        #expect(await rig.proxy.listening.map(\.listener) == ["one"])
        let gateway = try await rig.greetedGateway()
        #expect(await gateway.message(from: "a@example.org") == Gateway.delivered)
        gateway.endOutput()
        try await rig.stop()
        await host.shutdown()
    }

    /// 192.0.2.1 is no address of this machine, which shows only when the old one is closed.
    @Test func whereTheNewOneCannotBeOpenedTheOldOneComesBack() async throws {
        let host = try await OddHost.start()
        let port = try await Self.freePort()
        let rig = try await Rig.start("[[listener]]\nname = \"all\"\nbind = \"0.0.0.0:\(port)\"\ndestination = \"127.0.0.1:\(host.port)\"")
        await rig.proxy.reload(try Rig.parse("[[listener]]\nname = \"one\"\nbind = \"192.0.2.1:\(port)\"\ndestination = \"127.0.0.1:9\""))
        #expect(rig.journal.lines("bind-failed").first?.text.contains("no such address on this machine") == true)
        #expect(rig.journal.lines("reload-failed").count == 1)
        #expect(await rig.proxy.listening.map(\.listener) == ["all"])
        let gateway = try await rig.greetedGateway()
        #expect(await gateway.message(from: "a@example.org") == Gateway.delivered)
        gateway.endOutput()
        try await rig.stop()
        await host.shutdown()
    }

    @Test func aReloadDuringAGracefulStopOpensNothing() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port)
        let busy = try await rig.greetedGateway()
        for command in ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA"] { _ = await busy.ask(command) }
        await rig.beginStop()
        _ = await rig.journal.first("stopping")
        await rig.proxy.reload(try Rig.parse("[[listener]]\nbind = \"127.0.0.1:0\"\ndestination = \"127.0.0.1:9\""))
        #expect(await rig.proxy.listening.isEmpty)
        #expect(rig.journal.lines("reload-ignored").map(\.text) == ["event=reload-ignored because=stopping"])
        #expect(rig.journal.lines("listening").count == 1 && rig.journal.lines("reloaded").isEmpty)
        await busy.send("Subject: x\r\n\r\nx\r\n.\r\n")
        #expect(await busy.reply()?.prefix(3) == "250")
        busy.endOutput()
        try await rig.hasStopped()
        await host.shutdown()
    }

    /// One that a host had until now.
    private static func freePort() async throws -> Int {
        let host = try await OddHost.start()
        await host.shutdown()
        return host.port
    }
}
