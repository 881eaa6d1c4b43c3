import NIOCore
import Testing

@testable import SMTPSession

@Suite struct PaceTests {
    /// Octets a second, for so long, looked at each second: the first at which it is too slow.
    private func firstSlow(_ rates: [(octets: Int, seconds: Int)]) -> Int? {
        var (pace, octets, second) = (Pace(), 0, 0)
        for rate in rates {
            for _ in 0..<rate.seconds {
                let now = NIODeadline.uptimeNanoseconds(0) + .seconds(Int64(second))
                if pace.isSlow(octets: octets, at: now) { return second }
                pace.note(after: octets, at: now)
                octets += rate.octets
                second += 1
            }
        }
        return nil
    }

    @Test func `slower than 1 KB a second over five minutes is slow, and nothing else`() {
        #expect(self.firstSlow([(1, 299)]) == nil)
        #expect(self.firstSlow([(1, 1000)]) == 300)
        #expect(self.firstSlow([(1023, 1000)]) == 300)
        #expect(self.firstSlow([(1024, 10_000)]) == nil)
        #expect(self.firstSlow([(307_200, 1), (0, 299)]) == nil)
    }

    @Test func `only the last minutes count`() throws {
        let slow = try #require(self.firstSlow([(100_000, 1000), (1, 1000)]))
        #expect((1300...1361).contains(slow))
        #expect(self.firstSlow([(1, 290), (40_000, 100), (1500, 10_000)]) == nil)
    }
}
