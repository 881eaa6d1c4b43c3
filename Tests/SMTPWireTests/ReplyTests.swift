import Testing

@testable import SMTPWire

@Suite struct ReplyTests {
    @Test(arguments: [
        (250, "Ok", "250 Ok\r\n"),
        (250, "", "250 \r\n"),
        (250, "a\nb\nc", "250-a\r\n250-b\r\n250 c\r\n"),
        (250, "a\r\nb", "250-a\r\n250 b\r\n"),
        (250, "a\rb\0c\u{1B}d", "250 a?b?c?d\r\n"),
        (554, "grün — ✉️", "554 gr?n ? ??\r\n"),
        (421, "a\tb\n", "421-a\tb\r\n421 \r\n"),
        (850, "odd", "850 odd\r\n"),
        (0, "no code", "451 no code\r\n"),
        (99999, "no code", "451 no code\r\n"),
    ])
    func `our own are strict`(code: Int, text: String, bytes: String) {
        #expect(Reply(code, text).bytes == Array(bytes))
    }

    @Test func `our own are bounded`() {
        let long = Reply(250, String(repeating: "a", count: 10_000))
        #expect(long.bytes.count == Limits.replyLine)
        let many = Reply(250, String(repeating: "a\n", count: 10_000))
        #expect(many.lines.count == Limits.replyLines)
        #expect(many.bytes.suffix(7) == Array("250 a\r\n")[...])
        #expect(long.line.count == 401)
        #expect(many.line.count <= 402)
    }

    @Test func `what they say`() {
        let reply = Reply(550, "5.1.1 no\nsuch user")
        #expect(reply.lines == ["5.1.1 no", "such user"])
        #expect(reply.text == "5.1.1 no such user")
        #expect(reply.line == "550 5.1.1 no such user")
        #expect("\(reply)" == reply.line && String(reflecting: reply) == reply.line)
        #expect(Reply(250, "").line == "250 ")
    }

    @Test(
        arguments: [
            (250, "2.0.0 Ok", "2.0.0"), (550, "5.7.123 no", "5.7.123"), (451, "4.3.0", "4.3.0"), (250, "5.0.0 contradicts", nil),
            (421, "#4.x.2 no", nil), (250, "2.0 no", nil),
            (250, "2.0.0.0 no", nil), (250, "2.0.0no", nil), (250, "2.0.1234 no", nil), (354, "3.0.0 no", nil), (250, "22.0.0 no", nil),
            (250, "2..0", nil), (250, "", nil),
        ] as [(Int, String, String?)])
    func `enhanced codes count only where they agree`(code: Int, text: String, enhanced: String?) {
        #expect(Reply(code, text).enhanced?.description == enhanced)
    }

    @Test(arguments: [(200, 2), (250, 2), (299, 2), (354, 3), (421, 4), (450, 4), (503, 5), (599, 5), (850, 8)])
    func `one class each`(code: Int, digit: Int) {
        let reply = Reply(code, "x")
        #expect([reply.isPositive, reply.isIntermediate, reply.isTransient, reply.isPermanent] == [digit == 2, digit == 3, digit == 4, digit == 5])
    }
}
