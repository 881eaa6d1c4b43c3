import QuirkKit
import ReplyRewrite
import SMTPWire
import Testing

/// What a rule may say, what it makes of replies, and how much it may cost (`reply-rewrite`).
@Suite struct ReplyRuleTests {
    private func options(_ match: String, on: String = "ANY", code: Int? = nil, enhanced: String? = nil, text: String? = nil) throws -> Options {
        var options: Options = ["on": .string(on), "match": .pattern(try Pattern(match))]
        options["code"] = code.map { .integer($0) }
        options["enhanced"] = enhanced.map { .string($0) }
        options["text"] = text.map { .string($0) }
        return options
    }

    private func told(_ reply: Reply, _ options: Options, at place: ReplyRule.Place = .rcpt) throws -> Reply? {
        try ReplyRule(options).rewritten(reply.ofRemote, at: place)
    }

    @Test(
        arguments: [
            (#"^550"#, nil, nil, nil, "match"), (#"^250"#, 450, nil, nil, "code"), (#"^3"#, 550, nil, nil, "code"), (#"."#, 250, nil, nil, "code"),
            (#"."#, 354, nil, nil, "code"), (#"."#, 600, nil, nil, "code"), (#"^5"#, 450, "5.1.1", nil, "enhanced"),
            (#"^550"#, nil, "4.1.1", nil, "enhanced"),
            (#"^550 (\S+)"#, nil, nil, #"\2"#, "text"), (#"^5"#, nil, nil, #"a\b"#, "text"), (#"^5"#, nil, nil, #"a\"#, "text"),
            (#"^5"#, nil, nil, "a\r\nb", "text"), (#"^5"#, nil, nil, String(repeating: "x", count: 401), "text"),
        ] as [(String, Int?, String?, String?, String)])
    func `a rule that cannot be is refused`(_ match: String, code: Int?, enhanced: String?, text: String?, at option: String) throws {
        let options = try self.options(match, code: code, enhanced: enhanced, text: text)
        #expect(ReplyRewrite().description.objection(to: options)?.option == option)
        #expect(ReplyRewrite().workarounds(options) == Workarounds())
    }

    @Test(arguments: [
        "(", "a**", #"(?=x)"#, #"\1"#, "a{1001}", String(repeating: "a", count: 1001), "(((a{20}){10}){4})b", #"\p{L}{60}"#,
    ])
    func `a pattern that is none or too large is refused`(_ text: String) {
        #expect(throws: Pattern.Fault.self) { try Pattern(text) }
    }

    /// Law 1, whatever a rule says: the code of a refusal stays that of a refusal, any other stays as it is.
    @Test func `no rule makes an acceptance or takes one back`() throws {
        for code in [220, 250, 251, 334, 354] {
            for place in ReplyRule.Place.allCases {
                let rule = ReplyRule(on: .any, match: try Pattern("."), code: 550, text: try ReplyText("x"))
                #expect(rule.rewritten(Reply(code, "ok"), at: place) == nil)
                let worded = ReplyRule(on: .any, match: try Pattern("."), text: try ReplyText("x")).rewritten(Reply(code, "ok"), at: place)
                #expect(worded?.code == (place == .ehlo ? nil : code))
            }
        }
        for code in [200, 250, 354, 399, 600, 0] { #expect(ReplyRule(on: .any, match: try Pattern("."), code: code).code == nil) }
    }

    @Test(
        arguments: [
            (Reply(550, "5.7.1 no"), 451, nil, nil, "451 4.7.1 no\r\n"), (Reply(550, "no"), 451, nil, nil, "451 no\r\n"),
            (Reply(450, "4.2.1 later"), 550, "5.2.2", "full", "550 5.2.2 full\r\n"),
            (Reply(550, "4.7.1 odd"), nil, "5.7.1", nil, "550 5.7.1 odd\r\n"),
            (Reply(550, "a\nb"), 551, nil, nil, "551-a\r\n551 b\r\n"), (Reply(550, "a\nb"), nil, nil, #"\0!"#, "550 5!\r\n"),
            (Reply(550, "5.1.1 who"), nil, nil, "5.1.2 where", "550 5.1.2 where\r\n"),
            (Reply(550, "5.1.1 who"), nil, nil, #"\\1"#, "550 5.1.1 \\1\r\n"),
            (Reply(850, "what"), 550, nil, nil, "550 what\r\n"), (Reply(470, "what"), nil, nil, "", "470 \r\n"),
            (Reply(550, "5.1.1"), 450, nil, nil, "450 4.1.1\r\n"),
        ] as [(Reply, Int?, String?, String?, String)])
    func `told is`(_ reply: Reply, code: Int?, enhanced: String?, text: String?, told: String) throws {
        let options = try self.options(#"^\d"#, code: code, enhanced: enhanced, text: text).merging(
            text == #"\0!"# ? ["match": .pattern(Pattern("5"))] : [:]
        ) { $1 }
        #expect(try self.told(reply, options)?.bytes == Array(told.utf8))
    }

    @Test func `a reply that is so already is not told anew`() throws {
        #expect(try self.told(Reply(550, "5.7.1 no"), self.options("^550", code: 550)) == nil)
    }

    /// What comes of a text has its bound too, and looking at a reply has one in time: nested repeats that take ages elsewhere.
    @Test func `all of it is bounded`() throws {
        let long = Reply(550, String(repeating: "a", count: 2000))
        let told = try #require(try self.told(long, self.options("^550 (a+)$", text: #"\1\1\1\1\1\1\1\1\1"#)))
        #expect(told.bytes.count <= 512)
        #expect(try Pattern("^550 (a+)+$").match(in: Array("550 \(String(repeating: "a", count: 2000))b".utf8)) == nil)
        #expect(try Pattern("z").match(in: Array(String(repeating: "a", count: Pattern.reach).utf8) + [UInt8(ascii: "z")]) == nil)
    }

    /// With what a text can begin that a pattern matches, digit by digit; all of them where that cannot be told.
    @Test(arguments: [
        ("^3", [3]), ("^250", [2]), ("^[45]", [4, 5]), (#"^5\d\d .*x"#, [5]), ("^(2|5)", [2, 3, 4, 5]), (#"\A4"#, [4]), ("(?i)^5.* NO", [5]),
        ("^4[|]x", [4]),
        ("who", [2, 3, 4, 5]), ("^5|4", [2, 3, 4, 5]), (".", [2, 3, 4, 5]), ("^", [2, 3, 4, 5]), ("(?m)^5", [2, 3, 4, 5]),
        (#"^\Q5(\E"#, [2, 3, 4, 5]),
    ])
    func `first digits`(_ text: String, digits: [Int]) throws {
        let pattern = try Pattern(text)
        #expect((2...5).filter { pattern.mayMatchText(beginningWith: $0) } == digits)
    }

    @Test(
        arguments: [("^550", 450, false), ("^550", 554, false), ("^45", 550, true), ("who", 550, true), ("who", nil, false), ("^[45]", 550, true)]
            as [(String, Int?, Bool)])
    func `a rule that may return mail is warned of`(_ match: String, code: Int?, isWarned: Bool) throws {
        #expect((ReplyRewrite().caution(try self.options(match, code: code, text: "x")) != nil) == isWarned)
    }
}
