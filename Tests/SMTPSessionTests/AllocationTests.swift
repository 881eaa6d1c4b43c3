import CAllocations
import NIOCore
import SMTPWire
import StandardQuirks
import Testing

@testable import SMTPSession

/// What a message with re-use asks of the allocator, in engine and parsers: memory is what most of a message's user time
/// goes to.
///
/// The bound is what the first design took (commit 4142a5b), counted in the same way: 4 KB, command by command, as
/// `smtp-source -d` says it.
@Suite(.serialized) struct AllocationTests {
    private static let content = ByteBuffer(
        string: String(repeating: String(repeating: "x", count: 70) + "\r\n", count: 57) + ".\r\n")
    private static let now = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test func `a message takes no more allocations than in the first design`() {
        let catalogue = Catalogue(StandardQuirks.catalogue)
        var codec = SessionCodec(Session(settings: Settings(hostname: "shim.test"), catalogue: catalogue))
        for event in [Event.opened(Opening(remote: "192.0.2.1:25")), .profile(Profile()), .connected()] {
            _ = codec.receive(event, at: Self.now)
        }
        Self.say("220 mx.example.net ESMTP\r\n", .remote, &codec)
        Self.say("EHLO gateway.test\r\n", .gateway, &codec)
        Self.say("250-mx.example.net\r\n250-PIPELINING\r\n250 8BITMIME\r\n", .remote, &codec)
        for _ in 0..<4 { #expect(Self.message(&codec)) }
        let (before, messages) = (allocations_of_thread(), 100)
        var delivered = 0
        for _ in 0..<messages where Self.message(&codec) { delivered += 1 }
        let each = Double(allocations_of_thread() - before) / Double(messages)
        #expect(delivered == messages)
        #expect(each > 1, "nothing is counted")
        #expect(each <= Self.bound, "\(each) allocations a message")
    }

    /// Of a debug build, which is what the suite is: 269.12.
    private static let bound = 269.2

    /// One message; whether the remote's last word was passed on.
    private static func message(_ codec: inout SessionCodec) -> Bool {
        let steps = [
            ("MAIL FROM:<a@example.org>\r\n", "250 2.1.0 Ok\r\n"), ("RCPT TO:<b@example.net>\r\n", "250 2.1.5 Ok\r\n"),
            ("DATA\r\n", "354 Go\r\n"),
        ]
        for (command, reply) in steps {
            self.say(command, .gateway, &codec)
            self.say(reply, .remote, &codec)
        }
        codec.read(self.content, from: .gateway)
        self.turn(&codec)
        codec.read(ByteBuffer(string: "250 2.0.0 Ok: queued\r\n"), from: .remote)
        return self.turn(&codec)
    }

    private static func say(_ text: String, _ side: Side, _ codec: inout SessionCodec) {
        codec.read(ByteBuffer(string: text), from: side)
        self.turn(&codec)
    }

    /// Whether the gateway was told 250.
    @discardableResult
    private static func turn(_ codec: inout SessionCodec) -> Bool {
        var isTold = false
        while let actions = codec.next(at: self.now) {
            for action in actions {
                guard case .send(let bytes, to: .gateway) = action else { continue }
                isTold = isTold || bytes.readableBytesView.starts(with: "250".utf8)
            }
        }
        return isTold
    }
}
