import NIOCore
import SMTPWire
import Testing

@testable import SMTPSession

/// What a session is said to be doing, along one message.
@Suite struct ActivityTests {
    private static let now = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test func `along a message`() {
        var session = Session(settings: Settings(hostname: "shim.test"), catalogue: [])
        func said(_ events: Event...) -> Activity {
            for event in events { _ = session.receive(event, at: Self.now) }
            return session.activity
        }
        func command(_ line: String) -> Event { .command(Command(line: Array("\(line)\r\n".utf8))) }
        #expect(session.activity == Activity(.connect, awaits: .us))
        #expect(said(.opened(Opening(remote: "192.0.2.1:25")), .profile(Profile())) == Activity(.connect, awaits: .remote))
        #expect(said(.connected()) == Activity(.greeting, awaits: .remote))
        #expect(said(.reply(Reply(220, "mx.example.net"))) == Activity(.idle, awaits: .gateway))
        #expect(said(command("EHLO gateway.test")) == Activity(.ehlo, awaits: .remote))
        #expect(said(.reply(Reply(250, "mx.example.net"))) == Activity(.idle, awaits: .gateway))
        #expect(said(command("MAIL FROM:<a@example.org>")) == Activity(.mail, awaits: .remote))
        #expect(said(.reply(Reply(250, "ok"))) == Activity(.mail, awaits: .gateway))
        #expect(said(command("RCPT TO:<b@example.net>")) == Activity(.rcpt, awaits: .remote))
        #expect(said(.reply(Reply(250, "ok")), command("DATA")) == Activity(.data, awaits: .remote))
        #expect(said(.reply(Reply(354, "go on"))) == Activity(.content, awaits: .gateway))
        #expect(said(.content(MailDataScanner.Piece(content: ByteBuffer(string: "x\r\n"), isEnd: true))) == Activity(.end, awaits: .remote))
        #expect(said(.reply(Reply(250, "queued"))) == Activity(.idle, awaits: .gateway))
        #expect(said(command("QUIT")).stage == .quit)
    }
}
