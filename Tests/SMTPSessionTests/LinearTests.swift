import Glibc
import NIOCore
import SMTPWire
import Testing

@testable import SMTPSession

/// What a recipient costs does not depend on how many there were before it (law 9): a copy of the envelope, or a look at all of it, for each makes
/// fifty thousand of them cost half a minute.
@Suite(.serialized) struct LinearTests {
    @Test func `a recipient among fifty thousand costs what it costs among a thousand`() {
        #expect(Self.ratio(many: 50_000) { Self.nanoseconds(recipients: $0, replays: false) } < 2)
    }

    @Test func `so does one of fifteen thousand when the envelope is sent again`() {
        #expect(Self.ratio(many: 15_000) { Self.nanoseconds(recipients: $0, replays: true) } < 2)
    }

    /// CPU time a recipient, many to few: the best of several, since others may run beside it.
    private static func ratio(many: Int, _ measure: (Int) -> Double) -> Double {
        var ratio = Double.infinity
        for _ in 0..<3 where ratio >= 2 {
            let few = (0..<10).map { _ in measure(1_000) }.reduce(0, +) / 10
            ratio = min(ratio, measure(many) / few)
        }
        return ratio
    }

    /// CPU time of this thread for each recipient of one transaction, with the answers; or for each that is said again on a new connection.
    private static func nanoseconds(recipients: Int, replays: Bool) -> Double {
        var peers = Peers(recipients: recipients)
        peers.greet()
        let before = Self.clock()
        peers.sayEnvelope()
        let between = Self.clock()
        guard replays else { return Double(between - before) / Double(recipients) }
        peers.hangUpAtData()
        let after = Self.clock()
        let isInvited = peers.isInvited
        #expect(isInvited)
        return Double(after - between) / Double(recipients)
    }

    private static func clock() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// A gateway with one recipient at a time, and a host that takes them all.
private struct Peers {
    private static let now = NIODeadline.uptimeNanoseconds(1_000_000_000)

    let recipients: Int
    var session = Session(settings: Settings(hostname: "shim.test"), catalogue: [])
    /// What the remote was sent and has not answered.
    var heard: [String] = []
    var isInvited = false

    init(recipients: Int) { self.recipients = recipients }

    mutating func tell(_ event: Event) {
        for action in self.session.receive(event, at: Self.now) {
            switch action {
            case .send(let bytes, .remote): self.heard.append(String(buffer: bytes))
            case .send(let bytes, .gateway): if bytes.readableBytesView.starts(with: "354".utf8) { self.isInvited = true }
            default: break
            }
        }
    }

    mutating func say(_ line: String) { self.tell(.command(Command(line: Array("\(line)\r\n".utf8)))) }

    /// Answers all that was heard, and what is heard of it, but for DATA at first.
    mutating func answer(data: Reply? = nil) {
        while !self.heard.isEmpty {
            let words = self.heard
            self.heard = []
            for word in words {
                if word.hasPrefix("DATA") {
                    if let data { self.tell(.reply(data)) }
                } else {
                    self.tell(.reply(Reply(250, word.hasPrefix("EHLO") ? "mx.test\nPIPELINING" : "ok")))
                }
            }
        }
    }

    mutating func greet() {
        for event in [Event.opened(Opening(remote: "192.0.2.1:25")), .profile(Profile()), .connected(), .reply(Reply(220, "mx ESMTP"))] {
            self.tell(event)
        }
        self.say("EHLO gateway.test")
        self.answer()
    }

    mutating func sayEnvelope() {
        self.say("MAIL FROM:<a@example.org>")
        self.answer()
        for number in 0..<self.recipients {
            self.say("RCPT TO:<recipient\(number)@example.net>")
            self.answer()
        }
    }

    /// The envelope is said again on another connection.
    mutating func hangUpAtData() {
        self.session.reconnect(
            for:
                Cause(
                    quirk: nil, diagnosis: nil, command: .data, answer: .reply(Reply(503, "no")), because: "a test", entry: nil, isExcused: true))
        self.session.waiting = Waiting(.data)
        self.tell(.closed(.remote))
        self.heard = []
        self.tell(.connected())
        self.tell(.reply(Reply(220, "mx ESMTP")))
        self.answer(data: Reply(354, "go on"))
    }
}
