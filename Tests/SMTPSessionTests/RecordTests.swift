import NIOCore
import SMTPWire
import Testing

@testable import SMTPSession

/// What the log hears (docs/log.md), where a transcript would be long.
@Suite struct RecordTests {
    private static let now = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private static func opened() -> Session {
        var session = Session(settings: Settings(hostname: "shim.test"), catalogue: [])
        for event in [Event.opened(Opening(remote: "192.0.2.1:25")), .profile(Profile()), .connected(), .reply(Reply(220, "mx.example.net"))] {
            _ = session.receive(event, at: Self.now)
        }
        _ = session.receive(.command(Command(.ehlo("gateway.test"))), at: Self.now)
        _ = session.receive(.reply(Reply(250, "mx.example.net")), at: Self.now)
        return session
    }

    private static func records(_ session: inout Session, _ line: String, _ reply: Reply?) -> [Record] {
        var actions = session.receive(.command(Command(line: Array("\(line)\r\n".utf8))), at: Self.now)
        if let reply { actions += session.receive(.reply(reply), at: Self.now) }
        return actions.compactMap { if case .log(let record) = $0 { record } else { nil } }
    }

    @Test func `refused recipients are bounded, accepted ones are named up to a number`() {
        var session = Self.opened()
        _ = Self.records(&session, "MAIL FROM:<a@example.org>", Reply(250, "ok"))
        for number in 0..<25 { #expect(Self.records(&session, "RCPT TO:<\(number)@example.net>", Reply(250, "ok")) == []) }
        for number in 0..<105 {
            let lines = Self.records(&session, "RCPT TO:<n\(number)@example.net>", Reply(550, "5.1.1 no"))
            #expect(
                lines == (number < 100 ? [.recipient(number: 1, to: "n\(number)@example.net", reply: "550 5.1.1 no", outcome: .rejected)] : []))
        }
        let lines = Self.records(&session, "RSET", Reply(250, "ok"))
        #expect(lines.first == .recipientsUnlogged(number: 1, count: 5))
        guard case .message(let message)? = lines.last else {
            Issue.record("\(lines)")
            return
        }
        #expect(message.recipients == 25 && message.refusedRecipients == 105)
        #expect(message.to == (0..<20).map { "\($0)@example.net" })
    }

    /// Replies of ours that alternate are bounded too.
    @Test func `own replies are bounded`() {
        var session = Self.opened()
        var logged = 0
        for number in 0..<20 { logged += Self.records(&session, "X\(number)", nil).count + Self.records(&session, "MAIL \(number)", nil).count }
        #expect(logged == 40)
        var replies = OwnReplies()
        let told = (0..<250).count { replies.isNew(Reply(500 + $0 % 2, "no")) }
        #expect(told == 100 && replies.unlogged == 150)
    }

    @Test(
        arguments: [
            (220, "mx.example.com ESMTP", "mx.example.com"), (220, "MX.Example.COM", "mx.example.com"), (220, "mailhost ready", "mailhost"),
            (220, "mx_1.example.com ESMTP", "mx_1.example.com"), (220, "[192.0.2.1] ESMTP", "[192.0.2.1]"),
            (220, "[IPv6:2001:db8::1] ESMTP", "[ipv6:2001:db8::1]"), (220, "mx.example.com. x", "mx.example.com."),
            (220, "***************", nil), (220, "5.7.1 hello", nil), (220, "4.7.0", nil), (220, "ESMTP", nil), (220, "", nil), (220, ".", nil),
            (220, "a..b", nil), (220, "[] x", nil), (220, "[***]", nil), (220, "Welcome!", nil), (554, "mx.example.com no", nil),
            (421, "4.7.0 x", nil),
        ] as [(Int, String, String?)])
    func `names in greetings`(code: Int, text: String, name: String?) {
        #expect(Reply(code, text).greetingName == name)
    }
}
