import OddHost
import Testing

/// `mailshim probe` finds at each kind of host exactly what is there, and claims no more than it saw.
@Suite struct ProbeTests {
    // MARK: Healthy hosts

    @Test func `a healthy host: no quirk, no mail, four connections`() async throws {
        let host = try await OddHost.start(Behaviour())
        let result = try await Program.run("probe", "127.0.0.1:\(host.port)", "--helo", "probe.example")
        await host.shutdown()
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("No quirk found. Cannot be tested without sending a message: sticky-sender"))
        #expect(result.output.contains("4 connections were made. No message was sent."))
        #expect(!result.output.contains("[address"))
        #expect(result.errors == "", "the progress line is for terminals")
        let visits = host.visits
        #expect(
            visits.map(\.commands) == [
                ["EHLO probe.example", "NOOP MAILSHIM", "RSET", "MAIL FROM:<>", "RSET", "MAIL FROM:<>", "QUIT"],
                ["EHLO probe.example", "EHLO probe.example", "HELO probe.example", "QUIT"],
                ["EHLO probe.example", "RSET", "MAIL FROM:<>", "RSET", "MAIL FROM:<>", "QUIT"],
                [
                    "EHLO probe.example", "MAIL FROM:<> SIZE=1000", "RSET", "MAIL FROM:<> BODY=7BIT", "RSET",
                    "MAIL FROM:<> BODY=8BITMIME", "RSET",
                ]
                    + ["MAIL FROM:<> RET=HDRS", "RSET", "MAIL FROM:<> SMTPUTF8", "QUIT"],
            ])
        #expect(visits.flatMap(\.complaints) == [])
        // Each with its exchange, verbatim.
        #expect(result.output.contains("    C: MAIL FROM:<> SIZE=1000\n    S: 250 2.1.0 Ok\n"))
    }

    @Test func `a healthy host and two messages`() async throws {
        let probing = try await Probing(Behaviour(), ["--send-to", "you@example.net", "--from", "me@example.org"])
        #expect(probing.result.status == 0)
        #expect(probing.quirks == [] && probing.config == nil)
        #expect(probing.messages.map(\.sender) == ["me@example.org", "me@example.org"])
        #expect(probing.messages.allSatisfy { $0.recipients == ["you@example.net"] })
        #expect(probing.found("message 2") == "accepted, without RSET before it")
        #expect(probing.found("RSET, MAIL behind them") == "accepted")
        #expect(probing.visits.flatMap(\.complaints) == [])
    }

    @Test func `that it sends mail it says first`() async throws {
        let host = try await OddHost.start(Behaviour())
        let result = try await Program.run("probe", "127.0.0.1:\(host.port)", "--send-to", "you@example.net")
        await host.shutdown()
        #expect(result.lines.first == "Sends two messages to <you@example.net> from <you@example.net>.")
        #expect(result.output.contains("2 messages were sent."))
    }

    /// A host whose policy refuses is a healthy host.
    @Test(arguments: [
        Exception.at(.mail, nil, .reply("530 5.7.0 Authentication required")),
        .at(.mail, nil, .reply("550 5.7.1 Client host blocked")),
        .at(.mail, 2, .reply("450 4.7.1 Greylisted, try again later")),
        .at(.mail, nil, .reply("451 4.3.0 try again later")),
        .at(.mail, 2, .nothing), .at(.mail, 2, .reply("452 4.3.1 Insufficient system storage")),
        .at(.ehlo, 2, .reply("503 5.5.1 Duplicate HELO/EHLO")), .at(.helo, nil, .reply("502 5.5.1 say EHLO")),
        .at(.rcpt, nil, .reply("550 5.1.1 no such user")), .at(.noop, nil, .reply("501 5.5.4 no argument")),
        .at(.noop, nil, .close(saying: nil)), .at(.quit, nil, .close(saying: nil)),
        .at(.endOfData, nil, .reply("550 5.7.1 spam")), .at(.endOfData, 2, .reply("450 4.7.1 later")),
    ])
    func `a refusal that is policy, or right, is no quirk`(_ exception: Exception) async throws {
        var behaviour = Behaviour()
        behaviour.exceptions = [exception]
        let probing = try await Probing(behaviour, ["--send-to", "you@example.net"])
        #expect(probing.quirks == [], "\(probing.result.output)")
        #expect(probing.result.status == 0)
        #expect(probing["healthy"] as? Bool == true)
    }

    @Test func `LIMITS is a limit announced, and a host that says so is healthy`() async throws {
        var behaviour = Behaviour()
        behaviour.offers = [["PIPELINING", "LIMITS MAILMAX=20"]]
        let probing = try await Probing(behaviour)
        #expect(probing.found("EHLO")?.contains("message-limit messages=20: the host announces it") == true)
        #expect(probing.result.status == 0)
    }

    // MARK: Hosts with a quirk

    struct Odd: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let behaviour: Behaviour
        var sends = false
        let quirks: [String]

        init(_ name: String, _ behaviour: Behaviour, sends: Bool = false, _ quirks: String...) {
            (self.testDescription, self.behaviour, self.sends, self.quirks) = (name, behaviour, sends, quirks)
        }

        init(_ name: String, _ exception: Exception, offers: [String] = Behaviour.keywords, _ quirks: String...) {
            var behaviour = Behaviour()
            (behaviour.exceptions, behaviour.offers) = ([exception], [offers])
            (self.testDescription, self.behaviour, self.quirks) = (name, behaviour, quirks)
        }
    }

    private static func refusing(_ words: String, _ reply: String) -> Exception {
        Exception(.reply(reply)) { $0.verb == .mail && $0.line.contains(words) }
    }

    private static let masked: Behaviour = {
        var behaviour = Behaviour()
        behaviour.greeting = "220 ****************************************************"
        return behaviour
    }()

    static let odd: [Odd] = [
        Odd("A, no message", Behaviour(.stickySender())),
        Odd("B, no message", Behaviour(.noReuse())),
        Odd("A", Behaviour(.stickySender()), sends: true, "sticky-sender shown"),
        Odd("A at RCPT", Behaviour(.stickySender(refusing: .rcpt)), sends: true, "sticky-sender shown"),
        Odd("A at DATA", Behaviour(.stickySender(refusing: .data)), sends: true, "sticky-sender shown"),
        Odd("B", Behaviour(.noReuse()), sends: true, "message-limit messages=1 shown"),
        Odd("B at RCPT", Behaviour(.noReuse(refusing: .rcpt)), sends: true, "message-limit messages=1 shown"),
        Odd(
            "B, RSET refused", Behaviour(.noReuse(reset: .refused("503 no"))), sends: true,
            "message-limit messages=1 shown"),
        Odd(
            "B, RSET closes", Behaviour(.noReuse(reset: .closes(saying: nil))), sends: true,
            "message-limit messages=1 shown"),
        Odd("D at 1", Behaviour(.limit(1)), "message-limit messages=1 suspected"),
        Odd(
            "D at 1, 503", Behaviour(.limit(1, with: "503 Sender already specified")),
            "message-limit messages=1 suspected"),
        Odd(
            "D at 1, 452", Behaviour(.limit(1, with: "452 Too many messages for this session")),
            "message-limit messages=1 suspected"),
        Odd("D at 1, messages", Behaviour(.limit(1)), sends: true, "message-limit messages=1 shown"),
        Odd("D at 4", Behaviour(.limit(4)), "message-limit messages=4 suspected"),
        Odd("E behind data", Behaviour(.silence(after: 1)), sends: true, "message-limit messages=1 shown"),
        Odd(
            "E at the next", Behaviour(.silence(after: 1, when: .atNextCommand(saying: nil))), sends: true,
            "message-limit messages=1 shown"),
        Odd("E, no message", Behaviour(.silence(after: 1))),
        Odd("pix", Self.masked, "pix shown"),
        Odd("EHLO refused", .at(.ehlo, nil, .reply("500 what?")), "helo-only shown"),
        Odd("EHLO closes", .at(.ehlo, nil, .close(saying: nil)), "helo-only shown"),
        Odd("RSET refused", .at(.rset, nil, .reply("502 5.5.1 not implemented")), "rset-intolerant shown"),
        Odd("RSET closes", .at(.rset, nil, .close(saying: nil)), "rset-intolerant shown"),
        Odd("null sender", Self.refusing("<>", "550 5.1.7 null sender not allowed"), "null-sender shown"),
        Odd(
            "SIZE", Self.refusing("SIZE=", "555 5.5.4 Unsupported option: SIZE"),
            "plain-parameters parameters=SIZE shown"),
        Odd(
            "AUTH=", Self.refusing("AUTH=", "501 5.5.4 AUTH parameter not supported"), offers: ["AUTH PLAIN"],
            "plain-parameters parameters=AUTH shown"),
        Odd(
            "SMTPUTF8", Self.refusing("SMTPUTF8", "555 5.5.4 SMTPUTF8 unsupported"),
            "hide-extension keywords=SMTPUTF8 shown"),
        Odd("8BITMIME", Self.refusing("=8BIT", "555 5.5.4 BODY unsupported"), "hide-extension keywords=8BITMIME shown"),
        Odd("DSN", Self.refusing("RET=", "501 5.5.4 RET parameter unsupported"), "hide-extension keywords=DSN shown"),
    ]

    @Test(arguments: Self.odd)
    func `at each odd host it finds what is there, and its config passes check`(_ odd: Odd) async throws {
        let probing = try await Probing(
            odd.behaviour, odd.sends ? ["--send-to", "you@example.net", "--from", "me@example.org"] : [])
        #expect(probing.quirks == odd.quirks, "\(probing.result.output)\(probing.result.errors)")
        #expect(probing.result.status == (odd.quirks.isEmpty ? 0 : 1))
        #expect(probing.messages.count == (odd.sends ? 2 : 0))
        #expect(probing.visits.flatMap(\.complaints) == [])
        // What only the operator can choose is in no config.
        #expect((probing.config == nil) == (odd.quirks.isEmpty || odd.quirks == ["null-sender shown"]))
        guard let config = probing.config else { return }
        #expect(config.contains("[address.\"127.0.0.1\"]"))
        let folder = try Folder()
        let check = try await Program.run("check", "--config", folder.write("probe.toml", config).path)
        #expect(check.status == 0, "\(config)\n\(check.errors)")
    }

    @Test func `replies of a group are lost`() async throws {
        let host = try DiscardingHost()
        let probing = try await Probing(port: host.port)
        #expect(probing.quirks == ["one-command-at-a-time shown"], "\(probing.result.output)")
        #expect(probing.exchange("pipelined group").contains("(no reply within 2 s)"))
        #expect(probing.result.status == 1)
    }

    /// With its greeting then, or without any.
    @Test(arguments: [nil, "220 odd.example ESMTP\n250 odd.example"])
    func `a host that greets when it is spoken to`(_ answer: String?) async throws {
        var behaviour = Behaviour()
        behaviour.greeting = nil
        if let answer { behaviour.exceptions = [.at(.ehlo, 1, .raw(answer.replacing("\n", with: "\r\n") + "\r\n"))] }
        let probing = try await Probing(behaviour)
        #expect(probing.quirks == ["slow-starter shown"], "\(probing.result.output)")
        #expect(probing.found("greeting") == "no greeting within 2 s; EHLO without one is answered")
        // The rest is tried without a greeting. (To a host with words of its own EHLO is none, and MAIL is refused.)
        #expect(probing.found("MAIL")?.hasPrefix(answer == nil ? "accepted" : "refused: 503") == true)
        let config = try #require(probing.config)
        let folder = try Folder()
        let check = try await Program.run("check", "--config", folder.write("probe.toml", config).path)
        #expect(check.status == 0, "\(config)\n\(check.errors)")
    }

    @Test func `several quirks at one host, each with its exchange`() async throws {
        var behaviour = Self.masked
        behaviour.shape = .stickySender()
        behaviour.exceptions = [Self.refusing("SIZE=", "555 5.5.4 Unsupported option: SIZE")]
        let probing = try await Probing(behaviour, ["--send-to", "you@example.net"])
        #expect(probing.quirks == ["pix shown", "plain-parameters parameters=SIZE shown", "sticky-sender shown"])
        #expect(
            probing.exchange("SIZE=1000") == [
                "C: MAIL FROM:<you@example.net> SIZE=1000", "S: 555 5.5.4 Unsupported option: SIZE",
                "C: MAIL FROM:<you@example.net>", "S: 250 2.1.0 Ok",
            ])
        #expect(
            probing.config?.contains(
                "quirks = [\"pix\", { name = \"plain-parameters\", parameters = [\"SIZE\"] }, \"sticky-sender\"]")
                == true)
    }

    // MARK: Hosts that are not there

    @Test func `unreachable, silent or unwilling hosts are 69`() async throws {
        let absent = try await Probing(port: try freePort())
        #expect(absent.result.status == 69 && absent.result.errors.contains("cannot be reached: "))
        #expect(absent["probed"] as? Bool == false && absent.found("connection")?.contains("refused") == true)
        var behaviour = Behaviour()
        behaviour.greeting = "554 no SMTP service here"
        let unwilling = try await Probing(behaviour)
        #expect(unwilling.result.status == 69)
        #expect(unwilling.found("greeting")?.contains("554 no SMTP service here") == true)
        #expect(unwilling["probed"] as? Bool == false && unwilling["healthy"] as? Bool == false)
        behaviour.greeting = "220 odd.example ESMTP"
        behaviour.exceptions = [.at(.connect, nil, .nothing), .at(.ehlo, nil, .nothing)]
        #expect(try await Probing(behaviour).result.status == 69)
        behaviour.exceptions = [.at(.connect, nil, .raw("HTTP/1.1 400 Bad Request\r\n\r\n"))]
        #expect(try await Probing(behaviour).result.status == 69)
    }

    @Test func `a host that takes one connection and no more`() async throws {
        var behaviour = Behaviour()
        behaviour.refusesAfter = 1
        let probing = try await Probing(behaviour)
        #expect(probing.quirks == [])
        #expect(probing.found("connection 2")?.contains("what was to be tried on it is not known") == true)
    }
}
