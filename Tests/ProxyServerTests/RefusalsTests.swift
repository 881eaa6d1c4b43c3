import NIOCore
import Testing

@testable import ProxyServer

/// One line an address and minute.
struct RefusalsTests {
    private func stranger(_ text: String) throws -> Refusals.Stranger {
        Refusals.Stranger(listener: "outbound", gateway: try SocketAddress(ipAddress: text, port: 0))
    }

    @Test func theFirstIsToldAndTheOthersAreCounted() throws {
        let refusals = Refusals()
        let (one, other) = (try self.stranger("192.0.2.1"), try self.stranger("2001:db8::1"))
        #expect(refusals.refused(one) == Refusals.Summary(subject: .stranger(one), count: 1))
        for _ in 0..<5 { #expect(refusals.refused(one) == nil) }
        #expect(refusals.refused(other)?.count == 1)
        #expect(refusals.passed(for: .stranger(one)) == Refusals.Summary(subject: .stranger(one), count: 5))
        #expect(refusals.refused(one) == nil)
        #expect(refusals.passed(for: .stranger(one))?.count == 1)
        // A minute without any: the next is a first one.
        #expect(refusals.passed(for: .stranger(one)) == nil)
        #expect(refusals.refused(one)?.count == 1)
    }

    @Test func thoseBeyondTheBoundShareALine() throws {
        let refusals = Refusals()
        for number in 0..<Refusals.mostStrangers { #expect(refusals.refused(try self.stranger("10.0.\(number / 256).\(number % 256)")) != nil) }
        let others = Refusals.Subject.others(listener: "outbound")
        #expect(refusals.refused(try self.stranger("192.0.2.1")) == Refusals.Summary(subject: others, count: 1))
        for number in 2..<200 { #expect(refusals.refused(try self.stranger("192.0.2.\(number)")) == nil) }
        // Room came meanwhile; what was counted is still told.
        #expect(refusals.passed(for: .stranger(try self.stranger("10.0.0.0"))) == nil)
        #expect(refusals.passed(for: others) == Refusals.Summary(subject: others, count: 198))
    }
}
