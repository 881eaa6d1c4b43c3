import Testing

@testable import SMTPWire

private func keywords(_ lines: String...) -> Keywords { Keywords(Reply(250, (["mx.example.org at your service"] + lines).joined(separator: "\n"))) }

@Suite struct KeywordsTests {
    @Test func `are what the lines after the first say`() {
        let offered = keywords("PIPELINING", "size 1000", "", "XXXXXXXA", "AUTH=LOGIN PLAIN", "LIMITS  MAILMAX=3\tRCPTMAX=9 ")
        #expect(offered.greeting == "mx.example.org at your service")
        #expect(offered.all.map(\.name) == ["PIPELINING", "SIZE", "XXXXXXXA", "AUTH", "LIMITS"])
        #expect(offered.all.map(\.arguments) == [[], ["1000"], [], ["LOGIN", "PLAIN"], ["MAILMAX=3", "RCPTMAX=9"]])
        #expect(offered.all.map(\.text) == ["PIPELINING", "size 1000", "XXXXXXXA", "AUTH=LOGIN PLAIN", "LIMITS  MAILMAX=3\tRCPTMAX=9 "])
        #expect(offered.contains("pipelining") && !offered.contains("mx.example.org"))
        #expect(offered["Size"] == offered.all[1])
        #expect(Keywords(Reply(250, "alone")).all.isEmpty)
    }

    @Test(
        arguments: [
            (["SIZE 1000"], 1000), (["SIZE=1000"], 1000), (["SIZE"], nil), (["SIZE 0"], nil), (["SIZE -1"], nil), (["SIZE +5"], nil),
            (["SIZE 10M"], nil), ([], nil),
            (["SIZE 99999999999999999999999"], nil), (["SIZE 5 6"], 5), (["XSIZE 5"], nil),
        ] as [([String], Int?)])
    func `size without a number sets no limit`(lines: [String], size: Int?) {
        #expect(Keywords(Reply(250, (["a"] + lines).joined(separator: "\n"))).size == size)
    }

    @Test func `mechanisms of all lines, each once`() {
        #expect(
            keywords("AUTH=LOGIN", "AUTH LOGIN plain", "AUTH", "AUTHX CRAM-MD5", "AUTH= SCRAM-SHA-1").authMechanisms == [
                "LOGIN", "PLAIN", "SCRAM-SHA-1",
            ])
        #expect(keywords("SIZE").authMechanisms.isEmpty)
    }

    /// A host's 128 lines of 2 KB would else be held as strings, several times, for as long as the session lasts.
    @Test func `no more is kept than a host has to say`() {
        let long = "AUTH" + String(repeating: " MECH-A", count: 200)
        let offered = Keywords(
            Reply(
                250,
                (["a " + String(repeating: "g", count: 2000), long, String(repeating: "x", count: 513), "SIZE 7"] + (0..<120).map { "X\($0)" })
                    .joined(separator: "\n")))
        #expect(offered.all.count == Limits.keywords)
        #expect(offered.all.map(\.name).prefix(3) == ["AUTH", "SIZE", "X0"] && offered.all.last?.name == "X61")
        #expect(offered.all[0].arguments.count == 72 && offered.all[0].arguments.allSatisfy { $0 == "MECH-A" })
        #expect(offered.all.allSatisfy { $0.text.utf8.count <= Limits.keyword } && offered.greeting.utf8.count == Limits.keyword)
        #expect(keywords("AUTH " + String(repeating: "p", count: 507)).all.map(\.arguments) == [[String(repeating: "p", count: 507)]])
        #expect(keywords("AUTH " + String(repeating: "p", count: 508)).all.map(\.arguments) == [[]])
    }

    @Test func `SMTPUTF8 implies 8BITMIME`() {
        #expect(keywords("SMTPUTF8").all.map(\.name) == ["SMTPUTF8", "8BITMIME"])
        #expect(keywords("8BITMIME", "SMTPUTF8").all.map(\.name) == ["8BITMIME", "SMTPUTF8"])
        #expect(keywords("SMTPUTF8").reply { $0 }.lines == ["mx.example.org at your service", "SMTPUTF8", "8BITMIME"])
    }

    @Test(arguments: [
        ("LIMITS MAILMAX=100 RCPTMAX=1000 RCPTDOMAINMAX=1", SessionLimits(mailMax: 100, rcptMax: 1000, rcptDomainMax: 1)),
        ("limits mailmax=1", SessionLimits(mailMax: 1)),
        ("LIMITS MAILMAX=0 RCPTMAX=-1 RCPTDOMAINMAX", SessionLimits()),
        ("LIMITS MAILMAX= MAILMAX=x NEWMAX=7 RCPTMAX=5", SessionLimits(rcptMax: 5)),
        ("LIMITS", SessionLimits()),
        ("SIZE", SessionLimits()),
    ])
    func `limits of RFC 9422`(line: String, limits: SessionLimits) {
        #expect(keywords(line).limits == limits)
    }

    @Test func `a reply keeps only what is wanted, as it came`() {
        let offered = keywords("size 1000", "STARTTLS", "XEXCH50", "AUTH=LOGIN")
        let reply = offered.reply { keyword in
            switch keyword.name {
            case "SIZE": keyword
            case "AUTH": Keyword("auth", ["PLAIN"])
            default: nil
            }
        }
        #expect(reply.bytes == Array("250-mx.example.org at your service\r\n250-size 1000\r\n250 auth PLAIN\r\n"))
        #expect(offered.reply { _ in nil }.bytes == Array("250 mx.example.org at your service\r\n"))
        #expect(Keywords(reply).reply { $0 } == reply)
    }
}
