import OddHost
import Testing

/// `mailshim probe`: what it says, what it never says, and that it claims no more than it saw.
@Suite struct ProbeTests {
    private func probe(_ behaviour: Behaviour, _ arguments: String...) async throws -> (result: Program.Result, visits: [Visit]) {
        let host = try await OddHost.start(behaviour)
        let result = await (try Running(["probe", "127.0.0.1:\(host.port)", "--helo", "probe.example"] + arguments)).ended(within: 60)
        await host.shutdown()
        return (result, host.visits)
    }

    @Test func `a healthy host: no quirk, and no mail`() async throws {
        let (result, visits) = try await self.probe(Behaviour())
        #expect(result.status == 0)
        #expect(result.output.contains("No quirk found. Cannot be tested without sending a message: sticky-sender"))
        #expect(result.output.contains("PIPELINING"))
        #expect(result.output.contains("STARTTLS was not tried. No message was sent."))
        #expect(visits.count == 1)
        #expect(
            visits.first?.commands == ["EHLO probe.example", "MAIL FROM:<>", "RSET", "MAIL FROM:<>", "MAIL FROM:<>", "RSET", "QUIT"])
        #expect(visits.flatMap(\.complaints) == [])
    }

    @Test func `of shapes A and B it claims nothing, for no message was completed`() async throws {
        for shape in [Shape.stickySender(), .noReuse()] {
            let result = try await self.probe(Behaviour(shape)).result
            #expect(result.status == 0)
            #expect(result.output.contains("No quirk found. Cannot be tested without sending a message: sticky-sender"))
        }
    }

    @Test func `a second MAIL that is refused although RSET came before it`() async throws {
        for text in ["503 Sender already specified", "421 4.3.0 too many messages in this connection", "452 Too many messages for this session"] {
            let result = try await self.probe(Behaviour(.limit(1, with: text))).result
            #expect(result.status == 0)
            #expect(result.output.contains("message-limit, by all appearance"), "\(result.output)")
            #expect(result.output.contains("[address.\"127.0.0.1\"]"))
        }
    }

    @Test func `a second MAIL refused as policy is no quirk`() async throws {
        let result = try await self.probe(Behaviour(.limit(1, with: "450 4.7.1 Greylisted, try again later"))).result
        #expect(result.output.contains("No quirk found."))
        #expect(result.output.contains("Greylisted"))
    }

    @Test func `LIMITS is a limit announced`() async throws {
        var behaviour = Behaviour()
        behaviour.offers = [["PIPELINING", "LIMITS MAILMAX=20"]]
        let result = try await self.probe(behaviour).result
        #expect(result.output.contains("message-limit messages=20: the host announces it"))
    }

    @Test func `EHLO refused, HELO taken`() async throws {
        var behaviour = Behaviour()
        behaviour.exceptions = [.at(.ehlo, nil, .reply("500 what?"))]
        let (result, visits) = try await self.probe(behaviour)
        #expect(result.status == 0)
        #expect(result.output.contains("accepted where EHLO was not"))
        #expect(visits.first?.commands.contains("HELO probe.example") == true)
    }

    @Test func `a host that closes, and one that says nothing`() async throws {
        var behaviour = Behaviour()
        behaviour.exceptions = [.at(.rset, nil, .close(saying: nil))]
        let closing = try await self.probe(behaviour).result
        #expect(closing.status == 0)
        #expect(closing.output.contains("the connection was closed"))
        behaviour.exceptions = [.at(.mail, 2, .nothing)]
        let silent = try await self.probe(behaviour, "--timeout", "1").result
        #expect(silent.status == 0)
        #expect(silent.output.contains("no reply within 1 s"))
        #expect(silent.output.contains("No quirk found."), "silence proves nothing")
    }

    @Test func `unreachable, silent or unwilling hosts are 69`() async throws {
        #expect(try await Program.run("probe", "127.0.0.1:\(try freePort())").status == 69)
        var behaviour = Behaviour()
        behaviour.greeting = "554 no SMTP service here"
        let unwilling = try await self.probe(behaviour).result
        #expect(unwilling.status == 69)
        #expect(unwilling.output.contains("554 no SMTP service here"))
        behaviour.greeting = nil
        #expect(try await self.probe(behaviour, "--timeout", "1").result.status == 69)
        behaviour.exceptions = [.at(.connect, nil, .raw("HTTP/1.1 400 Bad Request\r\n\r\n"))]
        #expect(try await self.probe(behaviour, "--timeout", "2").result.status == 69)
    }
}
