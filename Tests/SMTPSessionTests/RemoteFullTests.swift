import NIOCore
import SMTPWire
import Testing

@testable import SMTPSession

/// A remote that takes no more of the mail data, seen from the engine: the shell says so, as it is the shell that stops reading the gateway.
@Suite struct RemoteFullTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    /// In the middle of the content of a message.
    private func sending() -> Session {
        var session = Session(settings: Settings(hostname: "shim.test"), catalogue: [])
        let commands = ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA"].map { Command(line: Array("\($0)\r\n".utf8)) }
        let events: [Event] =
            [
                .opened(Opening(remote: "192.0.2.1:25")), .profile(Profile()), .connected(), .reply(Reply(220, "mx ESMTP")),
                .command(Command(.ehlo("gateway.test"))), .reply(Reply(250, "mx")),
            ]
            + zip(commands, [250, 250, 354]).flatMap { [.command($0), .reply(Reply($1, "go on"))] }
            + [.content(MailDataScanner.Piece(content: ByteBuffer(string: "one\r\n"), isEnd: false))]
        for event in events { _ = session.receive(event, at: Self.start) }
        return session
    }

    @Test func `when time is up it is the remote that is given up, and the gateway hears 451 at its own end`() throws {
        var session = self.sending()
        let deadline = try #require(session.deadline)
        #expect(deadline == Self.start + Timeouts().content)
        let actions = session.receive(.remoteFull, at: deadline)
        #expect(actions.contains(.abort(.remote)))
        #expect(actions.contains { if case .log(.remoteLost) = $0 { true } else { false } }, "\(actions)")
        #expect(!actions.contains { if case .send(_, .gateway) = $0 { true } else { false } })
        #expect(session.receive(.tick, at: deadline).isEmpty)
        let end = session.receive(.content(MailDataScanner.Piece(content: ByteBuffer(), isEnd: true)), at: deadline)
        #expect(end.contains { if case .send(let bytes, .gateway) = $0 { String(buffer: bytes).hasPrefix("451 4.4.2 ") } else { false } }, "\(end)")
    }

    @Test func `before that nothing happens`() {
        var session = self.sending()
        #expect(session.receive(.remoteFull, at: Self.start + .seconds(1)).isEmpty)
    }

    @Test func `a silent gateway is the gateway's fault`() throws {
        var session = self.sending()
        let deadline = try #require(session.deadline)
        #expect(session.receive(.tick, at: deadline).contains { if case .log(.gatewayFault) = $0 { true } else { false } })
    }
}
