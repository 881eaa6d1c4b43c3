import NIOCore
import OddHost
import Testing

@testable import ProxyServer

/// What is relayed unread: all under `bypass`, what follows STARTTLS under `tls = "passthrough"`.
@Suite(.serialized) struct RelayTests {
    private static let bypass = "[address.\"127.0.0.1\"]\nbypass = true"

    @Test func bypassChangesNothing() async throws {
        let host = try await OddHost.start(Behaviour(.noReuse()))
        let rig = try await Rig.start(to: host.port, Self.bypass)
        let gateway = try await rig.gateway()
        #expect(await gateway.reply() == "220 odd.example ESMTP")
        #expect(await gateway.ask("EHLO x")?.prefix(3) == "250")
        #expect(await gateway.message(from: "a@example.org") == Gateway.delivered)
        #expect(await gateway.ask("MAIL FROM:<b@example.org>") == "503 Sender already specified")
        #expect(await gateway.ask("QUIT")?.prefix(3) == "221")
        #expect(await gateway.line() == nil)
        gateway.endOutput()
        #expect(await rig.isQuiet())
        #expect(rig.journal.lines("passthrough").count == 1)
        try await rig.stop()
        await host.shutdown()
    }

    @Test func halfClosesArePassedOn() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port, Self.bypass)
        let gateway = try await rig.gateway()
        await gateway.send("EHLO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\nQUIT\r\n")
        gateway.endOutput()
        let (text, isReset) = await gateway.rest()
        #expect(text.split(separator: "\r\n").last?.hasPrefix("221") == true)
        #expect(!isReset)
        #expect(await rig.isQuiet())
        #expect(host.counts.messages == 1)
        try await rig.stop()
        await host.shutdown()
    }

    @Test func muchPassesWhole() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port, Self.bypass)
        let gateway = try await rig.gateway()
        _ = await gateway.reply()
        _ = await gateway.ask("EHLO x")
        let content = String(repeating: "Some text that fills a line of a message, again and again.\r\n", count: 200_000)
        #expect(await gateway.message(from: "a@example.org", content) == Gateway.delivered)
        #expect(host.messages.first?.size == content.utf8.count)
        gateway.endOutput()
        try await rig.stop()
        await host.shutdown()
    }

    @Test func aResetEndsTheOtherSideToo() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port, Self.bypass)
        let gateway = try await rig.gateway()
        _ = await gateway.reply()
        gateway.reset()
        #expect(await rig.isQuiet())
        for _ in 0..<1_000 where host.counts.open > 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(host.counts.open == 0)
        try await rig.stop()
        await host.shutdown()
    }

    @Test func startTLSIsRelayed() async throws {
        var behaviour = Behaviour()
        behaviour.offers = [Behaviour.keywords + ["STARTTLS"]]
        behaviour.exceptions = [
            Exception(.reply("220 2.0.0 Go ahead")) { $0.line == "STARTTLS" }, Exception(.raw("\u{16}\u{03}hello\r\n")) { $0.line == "hello" },
        ]
        let host = try await OddHost.start(behaviour)
        let rig = try await Rig.start(to: host.port, "[default]\ntls = \"passthrough\"")
        let gateway = try await rig.greetedGateway()
        #expect(await gateway.ask("STARTTLS")?.prefix(3) == "220")
        await gateway.send("hello\r\n")
        #expect(await gateway.line() == "\u{16}\u{03}hello")
        gateway.endOutput()
        #expect(await rig.isQuiet())
        #expect(rig.journal.lines("passthrough").count == 1)
        try await rig.stop()
        await host.shutdown()
    }

    @Test func silenceOfBothSidesEndsIt() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port, Self.bypass + "\n[timeouts]\ndone = \"1s\"\nidle = \"1s\"")
        let gateway = try await rig.gateway()
        #expect(await gateway.reply()?.prefix(3) == "220")
        #expect(await gateway.line() == nil)
        #expect(await rig.isQuiet())
        try await rig.stop()
        await host.shutdown()
    }

    /// A peer that takes what waits for it, however slowly, is not silent.
    @Test func whoStillTakesIsNotCutOff() {
        let start = NIODeadline.uptimeNanoseconds(0)
        var relay = Tunnel(patience: .seconds(10), at: start)
        #expect(relay.deadline == start + .seconds(10))
        // Octets that wait when time is up, and whether it is over then.
        let looks = [(10, 3_000_000, false), (20, 2_000_000, false), (30, 2_000_000, true), (30, 0, true)]
        for (seconds, backlog, expected) in looks {
            let isOver = relay.isOver(backlog: backlog, at: start + .seconds(Int64(seconds)))
            #expect(isOver == expected, "after \(seconds) s")
        }
        #expect(relay.deadline == start + .seconds(30))
    }
}
