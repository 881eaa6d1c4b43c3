import NIOCore
import QuirkKit
import SMTPWire
import StandardQuirks
import Testing

@testable import SMTPSession

/// A sender that was refused with 500 or 501 behind a message: it counts once the host accepts it as the first of a connection.
@Suite struct SuspicionTests {
    private static let now = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test(arguments: ["501 5.1.7 Bad sender address", "501 5.5.4 Syntax", "500 5.5.2 Error: bad syntax"])
    func `behind a message it is suspected, and passes`(_ line: String) throws {
        var session = Self.ready([])
        #expect(Self.suspected(session.refusedMail("a@example.org", line)) == [])
        for (command, reply) in [("MAIL FROM:<a@example.org>", "250"), ("RCPT TO:<x@example.net>", "250"), ("DATA", "354")] {
            _ = session.say(command, reply)
        }
        _ = session.receive(.content(.init(content: ByteBuffer(), isEnd: true)), at: Self.now)
        _ = session.receive(.reply(Reply(250, "ok")), at: Self.now)
        let actions = session.refusedMail("b@example.org", line)
        #expect(Self.suspected(actions) == ["b@example.org"])
        #expect(Self.found(actions) == [])
        #expect(!actions.contains(.connect(isExtra: true)))
    }

    @Test func `accepted as the first of another connection it is found, once`() {
        var session = Self.ready(["b@example.org", "c@example.org"])
        #expect(Self.found(session.say("MAIL FROM:<b@example.org>", "250")) == ["b@example.org"])
        _ = session.say("RSET", "250")
        #expect(Self.found(session.say("MAIL FROM:<c@example.org>", "250")) == [])
    }

    @Test func `refused there, or of another sender, it is not`() {
        var session = Self.ready(["b@example.org"])
        #expect(Self.found(session.refusedMail("b@example.org", "501 5.1.7 no")) == [])
        var other = Self.ready(["b@example.org"])
        #expect(Self.found(other.say("MAIL FROM:<c@example.org>", "250")) == [])
    }

    private static func ready(_ suspected: [String]) -> Session {
        var session = Session(settings: Settings(hostname: "shim.test"), catalogue: StandardQuirks.catalogue)
        var profile = Profile()
        profile.suspicions = suspected.map { sender in
            Finding(
                quirk: QuirkSetting("message-limit"), sent: "", reply: "",
                counting: Counting(needed: 2, ending: .expires, confirmedBySender: true), sender: sender)
        }
        _ = session.receive(.opened(Opening(remote: "192.0.2.1:25")), at: Self.now)
        _ = session.receive(.profile(profile), at: Self.now)
        _ = session.receive(.connected(), at: Self.now)
        _ = session.receive(.reply(Reply(220, "mx.example.net ESMTP")), at: Self.now)
        _ = session.say("EHLO gw.example", "250")
        return session
    }

    private static func found(_ actions: [Action]) -> [String?] {
        actions.compactMap { if case .note(.found(let finding)) = $0 { finding.sender } else { nil } }
    }

    private static func suspected(_ actions: [Action]) -> [String?] {
        actions.compactMap { if case .note(.suspected(let finding)) = $0 { finding.sender } else { nil } }
    }
}

extension Session {
    /// The gateway says a command, and the remote answers it.
    fileprivate mutating func say(_ command: String, _ reply: String) -> [Action] {
        let now = NIODeadline.uptimeNanoseconds(1_000_000_000)
        _ = self.receive(.command(Command(line: Array("\(command)\r\n".utf8))), at: now)
        return self.receive(.reply(Reply(Int(reply.prefix(3)) ?? 0, String(reply.dropFirst(4)))), at: now)
    }

    fileprivate mutating func refusedMail(_ sender: String, _ reply: String) -> [Action] { self.say("MAIL FROM:<\(sender)>", reply) }
}
