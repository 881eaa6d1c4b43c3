import Testing

@testable import ProxyServer

/// Quirks that are not of the founding family, each at a host that misbehaves so on a real socket; and several at one host.
@Suite struct QuirkTests {
    /// What a healthy host says.
    private static func usual(_ command: String) -> String {
        switch command.prefix(4).uppercased() {
        case "EHLO": "250-mx.example\r\n250 SIZE"
        case "DATA": "354 go"
        case "QUIT": "221 bye"
        default: "250 ok"
        }
    }

    @Test func heloOnly() async throws {
        let host = try ScriptedHost { command, _ in command.hasPrefix("EHLO") ? "502 5.5.1 what" : Self.usual(command) }
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.greetedGateway()
        #expect(await gateway.message(from: "a@example.org") == Gateway.delivered)
        #expect(host.connections.first?.prefix(2).map { $0.prefix(4) } == ["EHLO", "HELO"])
        #expect(rig.journal.lines("repair").count == 1)
        _ = await gateway.ask("QUIT")
        try await rig.stop()
        host.stop()
    }

    @Test func heloOnlyWhereEHLOIsAnsweredByAClose() async throws {
        let host = try ScriptedHost { command, _ in command.hasPrefix("EHLO") ? nil : Self.usual(command) }
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.greetedGateway()
        #expect(await gateway.message(from: "a@example.org") == Gateway.delivered)
        #expect(host.connections.count == 2)
        _ = await gateway.ask("QUIT")
        try await rig.stop()
        host.stop()
    }

    @Test func plainParameters() async throws {
        let host = try ScriptedHost { command, _ in command.contains(" SIZE=") ? "555 5.5.4 Unsupported option: SIZE" : Self.usual(command) }
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.greetedGateway()
        #expect(await gateway.ask("MAIL FROM:<a@example.org> SIZE=1000") == "250 ok")
        #expect(await gateway.ask("RSET") == "250 ok")
        #expect(await gateway.ask("MAIL FROM:<b@example.org> SIZE=1000") == "250 ok")
        let mails = host.connections.flatMap { $0 }.filter { $0.hasPrefix("MAIL") }
        #expect(mails == ["MAIL FROM:<a@example.org> SIZE=1000\r\n", "MAIL FROM:<a@example.org>\r\n", "MAIL FROM:<b@example.org>\r\n"])
        #expect(rig.journal.lines("quirk-learned").count == 1)
        _ = await gateway.ask("QUIT")
        try await rig.stop()
        host.stop()
    }

    @Test func recipientLimit() async throws {
        let host = try ScriptedHost { command, _ in command.contains("<c@") ? "552 5.5.3 Too many recipients" : Self.usual(command) }
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.greetedGateway()
        var codes: [String] = []
        for command in ["MAIL FROM:<a@example.org>", "RCPT TO:<a@example.net>", "RCPT TO:<b@example.net>", "RCPT TO:<c@example.net>", "DATA"] {
            codes.append(String(await gateway.ask(command)?.prefix(3) ?? ""))
        }
        #expect(codes == ["250", "250", "250", "452", "354"])
        await gateway.send("x\r\n.\r\n")
        #expect(await gateway.reply() == "250 2.0.0 queued")
        _ = await gateway.ask("QUIT")
        try await rig.stop()
        host.stop()
    }

    /// The end is a segment of its own, however much comes before it.
    @Test func pix() async throws {
        let host = try ScriptedHost(greeting: "220 ****************2**0****") { command, _ in Self.usual(command) }
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.greetedGateway()
        let content = String(repeating: String(repeating: "x", count: 70) + "\r\n", count: 3000)
        #expect(await gateway.message(from: "a@example.org", content) == Gateway.delivered)
        #expect(host.connections.first?.last == "\r\n.\r\n")
        #expect(host.connections.first?.dropFirst(4).joined() == content + ".\r\n")
        _ = await gateway.ask("QUIT")
        try await rig.stop()
        host.stop()
    }

    @Test func oneDomain() async throws {
        let host = try ScriptedHost { command, _ in
            command.hasSuffix("@example.com>") ? "550 5.5.3 Multiple destination domains per transaction is unsupported" : Self.usual(command)
        }
        let rig = try await Rig.start(to: host.port)
        for _ in 1...2 {
            let gateway = try await rig.greetedGateway()
            var codes: [String] = []
            for command in ["MAIL FROM:<a@example.org>", "RCPT TO:<x@example.net>", "RCPT TO:<y@example.com>", "DATA"] {
                codes.append(String(await gateway.ask(command)?.prefix(3) ?? ""))
            }
            #expect(codes == ["250", "250", "452", "354"])
            await gateway.send("x\r\n.\r\n")
            #expect(await gateway.reply() == "250 2.0.0 queued")
            _ = await gateway.ask("QUIT")
        }
        // Two connections agree: now it is known, and a third would not ask.
        #expect(rig.journal.lines("quirk-learned").count == 1)
        try await rig.stop()
        host.stop()
    }

    @Test func rsetIntolerant() async throws {
        let host = try ScriptedHost { command, _ in command.hasPrefix("RSET") ? "502 5.5.1 command not implemented" : Self.usual(command) }
        let rig = try await Rig.start(to: host.port)
        for _ in 1...2 {
            let gateway = try await rig.greetedGateway()
            #expect(await gateway.ask("RSET")?.hasPrefix("250") == true)
            #expect(await gateway.message(from: "a@example.org") == Gateway.delivered)
            _ = await gateway.ask("QUIT")
        }
        #expect(rig.journal.lines("quirk-learned").count == 1)
        let seen = host.connections.count
        let gateway = try await rig.greetedGateway()
        #expect(await gateway.ask("RSET")?.hasPrefix("250") == true)
        #expect(await gateway.message(from: "a@example.org") == Gateway.delivered)
        _ = await gateway.ask("QUIT")
        #expect(host.connections.count == seen + 1)
        #expect(host.connections.last?.contains { $0.hasPrefix("RSET") } == false)
        try await rig.stop()
        host.stop()
    }

    /// The host takes one message a connection, and has not noticed that the first connection is gone when the second comes.
    @Test func concurrency() async throws {
        let greetings: @Sendable (Int) -> String = { $0 == 2 ? "421 4.7.0 too many concurrent connections" : "220 mx.example ESMTP" }
        let host = try ScriptedHost(greetings: greetings) { command, connection in
            command.hasPrefix("MAIL FROM:<second") && connection == 1 ? "503 Sender already specified" : Self.usual(command)
        }
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.greetedGateway()
        #expect(await gateway.message(from: "first@example.org") == Gateway.delivered)
        #expect(await gateway.message(from: "second@example.org") == Gateway.delivered)
        _ = await gateway.ask("QUIT")
        #expect(host.connections.count == 3)
        #expect(rig.journal.lines("quirk-learned").count == 2)
        try await rig.stop()
        host.stop()
    }

    @Test func replyRewrite() async throws {
        let host = try ScriptedHost { command, _ in command.contains("<x@") ? "550 5.7.1 you are greylisted" : Self.usual(command) }
        let rule = "{ name = \"reply-rewrite\", on = \"RCPT\", match = '^550 .*greylist', code = 451 }"
        let rig = try await Rig.start(to: host.port, "[default]\nquirks = [\(rule), { name = \"reply-rewrite\", match = '^250 ok$', text = \"fine\" }]\n")
        let gateway = try await rig.greetedGateway()
        #expect(await gateway.ask("MAIL FROM:<a@example.org>") == "250 fine")
        #expect(await gateway.ask("RCPT TO:<x@example.net>") == "451 4.7.1 you are greylisted")
        #expect(await gateway.ask("RCPT TO:<y@example.net>") == "250 fine")
        #expect(rig.journal.lines("quirk").count == 3)
        _ = await gateway.ask("QUIT")
        try await rig.stop()
        host.stop()
    }

    @Test func slowStarter() async throws {
        // Greets nobody; its greeting comes in front of its reply to EHLO.
        let host = try ScriptedHost(greeting: "") { command, _ in
            command.hasPrefix("EHLO") ? "220 mx.example ESMTP\r\n" + Self.usual(command) : Self.usual(command)
        }
        let rig = try await Rig.start(to: host.port, "[default]\nquirks = [{ name = \"slow-starter\", after = \"1s\" }]\n")
        let gateway = try await rig.gateway()
        #expect(await gateway.reply() == "220 shim.test ESMTP")
        #expect(await gateway.ask("EHLO gateway.test")?.prefix(3) == "250")
        #expect(await gateway.message(from: "a@example.org") == Gateway.delivered)
        #expect(host.connections.first?.first == "EHLO gateway.test\r\n")
        #expect(rig.journal.lines("quirk").count == 1)
        _ = await gateway.ask("QUIT")
        try await rig.stop()
        host.stop()
    }

    @Test func fiveFaultsAtOneHost() async throws {
        let host = try ScriptedHost(greeting: "220 ****************2**0****") { command, connection in
            if command.hasPrefix("EHLO") { return "502 what" }
            if command.contains(" SIZE=") { return "555 5.5.4 Unsupported option: SIZE" }
            if command.contains("<c@") { return "552 5.5.3 Too many recipients" }
            // One message a connection.
            if command.hasPrefix("MAIL FROM:<second"), connection == 1 { return "503 Sender already specified" }
            return Self.usual(command)
        }
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.greetedGateway()
        for sender in ["first@example.org", "second@example.org"] {
            #expect(await gateway.ask("MAIL FROM:<\(sender)> SIZE=100") == "250 ok")
            #expect(await gateway.ask("RCPT TO:<a@example.net>") == "250 ok")
            #expect(await gateway.ask("RCPT TO:<c@example.net>")?.hasPrefix("452") == true)
            #expect(await gateway.ask("DATA") == "354 go")
            await gateway.send("hello\r\n.\r\n")
            #expect(await gateway.reply() == "250 2.0.0 queued")
        }
        #expect(host.connections.count == 2)
        #expect(host.connections.allSatisfy { $0.filter { $0.hasSuffix(".\r\n") }.count == 1 })
        _ = await gateway.ask("QUIT")
        try await rig.stop()
        host.stop()
    }
}
