import NIOCore
import OddHost
import Testing

/// The host that tests rely on does what it was told to.
@Suite struct OddHostTests {
    private func open(_ behaviour: Behaviour, _ recording: Recording = .everything) async throws -> (OddHost, PlainClient) {
        let host = try await OddHost.start(behaviour, recording: recording)
        let line = try PlainClient(port: host.port)
        #expect(line.reply() == "220 odd.example ESMTP")
        #expect(line.ask("EHLO test.example")?.prefix(4) == "250 ")
        return (host, line)
    }

    @Test func healthyTakesManyMessagesAndKeepsThem() async throws {
        let (host, line) = try await self.open(Behaviour())
        #expect(line.message(from: "a@example.org", "Subject: a\r\n\r\n..dot\r\nlast\r\n") == ["250", "250", "354", "250"])
        #expect(line.message(from: "b@example.org", "\r\n") == ["250", "250", "354", "250"])
        #expect(line.ask("QUIT") == "221 2.0.0 Bye")
        #expect(line.line() == nil)
        let messages = host.messages
        #expect(messages.map(\.sender) == ["a@example.org", "b@example.org"])
        #expect(messages.first.map { String(decoding: $0.content, as: UTF8.self) } == "Subject: a\r\n\r\n.dot\r\nlast\r\n")
        #expect(host.visits.first?.complaints == [])
        #expect(host.visits.first?.transcript.first == "S: 220 odd.example ESMTP")
        await host.shutdown()
    }

    static let shapes: [(Shape, second: [String], afterReset: [String])] = [
        (.stickySender(), ["503"], ["250", "250", "354", "250"]),
        (.stickySender(refusing: .rcpt), ["250", "503"], ["250", "250", "354", "250"]),
        (.noReuse(), ["503"], ["503"]),
        (.noReuse(refusing: .data), ["250", "250", "503"], ["503"]),
        (.noReuse(reset: .refused("503 no")), ["503"], ["503"]),
        (.noReuse(reset: .closes(saying: "421 no")), ["503"], ["closed"]),
        (.limit(1), ["421"], ["closed"]),
        (.limit(1, with: "452 4.3.1 Too many messages for this session"), ["452"], ["452"]),
        (.silence(after: 1), ["closed"], ["closed"]),
        (.silence(after: 1, when: .atNextCommand(saying: nil)), ["closed"], ["closed"]),
        (.silence(after: 1, when: .atNextCommand(saying: "421 bye")), ["421"], ["closed"]),
    ]

    @Test(arguments: shapes)
    func shapesRefuseTheSecondMessage(_ shape: Shape, second: [String], afterReset: [String]) async throws {
        let (host, line) = try await self.open(Behaviour(shape))
        #expect(line.message(from: "a@example.org") == ["250", "250", "354", "250"])
        #expect(line.message(from: "b@example.org") == second)
        _ = line.ask("RSET")
        #expect(line.message(from: "c@example.org") == afterReset)
        #expect(host.counts.messages == (afterReset.last == "250" ? 2 : 1))
        await host.shutdown()
    }

    @Test func theTrapDeliversInTheNameOfTheFirst() async throws {
        var behaviour = Behaviour(.noReuse())
        behaviour.keepsOldSender = true
        let (host, line) = try await self.open(behaviour)
        _ = line.message(from: "a@example.org")
        line.send("MAIL FROM:<b@example.org>\r\nRCPT TO:<c@example.net>\r\nBDAT 3 LAST\r\nxyz")
        #expect([line.reply(), line.reply(), line.reply()].map { $0?.prefix(3) } == ["503", "250", "250"])
        #expect(host.misattributed.map(\.sender) == ["a@example.org"])
        #expect(host.misattributed.first?.refusedSender == "b@example.org")
        await host.shutdown()
    }

    @Test func chunksAreOneMessage() async throws {
        let (host, line) = try await self.open(Behaviour())
        _ = line.ask("MAIL FROM:<> BODY=8BITMIME")
        _ = line.ask("RCPT TO:<c@example.net>")
        line.send("BDAT 4\r\n.\r\nx")
        #expect(line.reply()?.prefix(3) == "250")
        line.send("BDAT 0 LAST\r\n")
        #expect(line.reply()?.prefix(3) == "250")
        #expect(host.messages.first.map { Array($0.content) } == Array(".\r\nx".utf8))
        #expect(host.messages.first?.chunked == true)
        await host.shutdown()
    }

    @Test func exceptionsAreAskedFirst() async throws {
        var behaviour = Behaviour()
        behaviour.exceptions = [
            .to("no@example.net", .reply("550 5.1.1 no")), .at(.endOfData, 2, .nothing),
            .at(.mail, 3, connection: 1, .wait(.milliseconds(20), then: .abort(saying: nil))),
            .at(.noop, nil, connection: nil, .raw("250 o\n")),
        ]
        let (host, line) = try await self.open(behaviour)
        #expect(line.message(from: "a@example.org", to: "no@example.net") == ["250", "550"])
        #expect(line.ask("RSET")?.prefix(3) == "250")
        #expect(line.message(from: "a@example.org") == ["250", "250", "354", "250"])
        #expect(line.ask("NOOP") == "250 o")
        #expect(line.ask("MAIL FROM:<b@example.org>") == nil)
        #expect(host.visits.first?.transcript.last == "! S resets")
        await host.shutdown()
    }

    @Test func earlyRepliesAndDotsThatAreNotAnswered() async throws {
        var behaviour = Behaviour()
        behaviour.early = EarlyReply(after: 5)
        behaviour.takesDataWithoutRecipients = true
        let (host, line) = try await self.open(behaviour)
        _ = line.ask("MAIL FROM:<a@example.org>")
        #expect(line.ask("DATA")?.prefix(3) == "354")
        #expect(line.ask("some content")?.prefix(3) == "552")
        line.send(".\r\n")
        #expect(line.ask("NOOP")?.prefix(3) == "250")
        #expect(host.unaccepted.map(\.reply) == ["552 5.3.4 Message too big"])
        await host.shutdown()
    }

    @Test func connectionsAreCountedAndRefused() async throws {
        var behaviour = Behaviour()
        behaviour.connections = 1
        behaviour.bytewise = .zero
        behaviour.greeting = "220 one\n220 two"
        behaviour.offers = [["PIPELINING"], []]
        let host = try await OddHost.start(behaviour)
        let first = try PlainClient(port: host.port)
        #expect(first.line() == "220-one")
        #expect(first.line() == "220 two")
        let second = try PlainClient(port: host.port)
        #expect(second.reply()?.prefix(3) == "421")
        #expect(second.line() == nil)
        #expect(host.counts.refused == 1)
        #expect(first.ask("EHLO x") == "250 PIPELINING")
        await host.shutdown()
    }

    @Test func idleConnectionsHear421() async throws {
        var behaviour = Behaviour()
        behaviour.idle = .milliseconds(50)
        let (host, line) = try await self.open(behaviour)
        #expect(line.line()?.prefix(3) == "421")
        #expect(line.line() == nil)
        await host.shutdown()
    }

    @Test func complaintsNameWhatThePeerDidWrong() async throws {
        var behaviour = Behaviour()
        behaviour.offers = [[]]
        let host = try await OddHost.start(behaviour)
        let line = try PlainClient(port: host.port)
        _ = line.reply()
        _ = line.ask("EHLO x")
        line.send("MAIL FROM:<a@example.org>\nRCPT TO:<b@example.net>\r\n")
        _ = (line.reply(), line.reply())
        _ = line.ask("DATA")
        line.send("bare\nand\rmore\r\n.\r\n")
        #expect(line.reply()?.prefix(3) == "250")
        #expect(
            host.visits.first?.complaints == [
                "bare LF after MAIL FROM:<a@example.org>", "pipelined, though not offered, after MAIL FROM:<a@example.org>", "bare CR in content",
                "bare LF in content",
            ])
        await host.shutdown()
    }

    static let paths: [(line: String, sender: String, parameters: [String])] = [
        ("MAIL FROM:<a@b.example>", "a@b.example", []),
        ("mail from: <a@b.example> SIZE=5 BODY=8BITMIME", "a@b.example", ["SIZE=5", "BODY=8BITMIME"]),
        ("MAIL FROM:<>", "", []),
        (#"MAIL FROM:<"a>b \" c"@d.example> SIZE=1"#, #""a>b \" c"@d.example"#, ["SIZE=1"]),
        ("MAIL FROM:a@b.example SIZE=2", "a@b.example", ["SIZE=2"]),
        ("MAIL FROM:<grün@b.example> SMTPUTF8", "grün@b.example", ["SMTPUTF8"]),
    ]

    @Test(arguments: paths)
    func pathsAreKeptAsTheyCame(_ line: String, sender: String, parameters: [String]) async throws {
        let (host, client) = try await self.open(Behaviour())
        #expect(client.ask(line)?.prefix(3) == "250")
        #expect(client.ask("RCPT TO:<c@example.net>")?.prefix(3) == "250")
        #expect(client.ask("DATA")?.prefix(3) == "354")
        #expect(client.ask("x\r\n.")?.prefix(3) == "250")
        #expect(host.messages.map(\.sender) == [sender])
        #expect(host.messages.map(\.parameters) == [parameters])
        await host.shutdown()
    }

    @Test func whatWasNotOfferedIsRefused() async throws {
        var behaviour = Behaviour()
        behaviour.offers = [["SIZE"]]
        let (host, client) = try await self.open(behaviour)
        #expect(client.ask("MAIL FROM:<a@example.org> BODY=8BITMIME")?.prefix(3) == "555")
        #expect(client.ask("MAIL FROM:<a@example.org> SIZE=3")?.prefix(3) == "250")
        #expect(client.ask("RCPT TO:<a@example.org> NOTIFY=NEVER")?.prefix(3) == "555")
        await host.shutdown()
    }

    /// Dots and line ends at every place where a buffer may end.
    @Test func contentIsTheSameInAnyPieces() async throws {
        let host = try await OddHost.start(recording: .contents)
        let wire = "\r\n..\r\n.x\r\n\n.\n\r.\r\nab\r..\r\n"
        let want = "\r\n.\r\nx\r\n\n.\n\r.\r\nab\r..\r\n"
        for size in 1...wire.utf8.count {
            let client = try PlainClient(port: host.port)
            _ = client.reply()
            _ = client.ask("HELO x")
            _ = client.ask("MAIL FROM:<\(size)@example.org>")
            _ = client.ask("RCPT TO:<c@example.net>")
            _ = client.ask("DATA")
            let bytes = Array((wire + ".\r\n").utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                client.send(String(decoding: bytes[start..<min(start + size, bytes.count)], as: UTF8.self))
                try await Task.sleep(for: .microseconds(300))
            }
            #expect(client.reply()?.prefix(3) == "250")
        }
        #expect(host.messages.count == wire.utf8.count)
        #expect(host.messages.allSatisfy { $0.content == Array(want.utf8) })
        await host.shutdown()
    }
}
