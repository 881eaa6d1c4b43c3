import NIOCore
import QuirkKit
import SMTPWire
import Testing

@testable import SMTPSession

/// What each 4xx and 5xx answers that the gateway hears, and in whose words it is.
@Suite struct RefusalCountTests {
    private var codec = SessionCodec(Session(settings: Settings(hostname: "shim.test"), catalogue: []))
    private var counts: [Count] = []
    private let now = NIODeadline.uptimeNanoseconds(1)

    private mutating func take(_ actions: [Action]) {
        self.counts += actions.compactMap { if case .count(let count) = $0 { count } else { nil } }
        for action in actions {
            switch action {
            case .connect: self.take(self.codec.receive(.connected(), at: self.now))
            case .lookUp: self.take(self.codec.receive(.profile(Profile()), at: self.now))
            default: break
            }
        }
        while let more = self.codec.next(at: self.now) { self.take(more) }
    }

    private mutating func says(_ text: String, _ side: Side) -> [CountedRefusal] {
        self.counts = []
        self.codec.read(ByteBuffer(string: text), from: side)
        self.take([])
        return self.counts.compactMap { if case .refusal(let refusal) = $0 { refusal } else { nil } }
    }

    @Test mutating func `each is of its own command, in groups too`() {
        self.take(self.codec.receive(.opened(Opening(remote: "192.0.2.1:25")), at: self.now))
        #expect(self.says("220 host ESMTP\r\n", .remote) == [])
        #expect(self.says("BOGUS\r\n", .gateway) == [CountedRefusal(stage: .other, isPermanent: true, isOurs: true)])
        #expect(self.says("EHLO gateway\r\n", .gateway) == [])
        #expect(self.says("250-host\r\n250-X-ODD\r\n250 PIPELINING\r\n", .remote) == [])
        #expect(self.says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\n", .gateway) == [])
        #expect(
            self.says("250 ok\r\n450 later\r\n250 ok\r\n354 go on\r\n", .remote) == [CountedRefusal(stage: .rcpt, isPermanent: false)])
        #expect(self.says("x\r\n.\r\n", .gateway) == [])
        #expect(self.says("554 no\r\n", .remote) == [CountedRefusal(stage: .end, isPermanent: true)])
        self.counts = []
        self.take(self.codec.receive(.shutdown, at: self.now))
        #expect(self.counts == [.refusal(CountedRefusal(stage: nil, isPermanent: false, isOurs: true))])
    }
}
