import Testing

@testable import LearnedQuirks

/// After an extra connection was refused, none is tried for 60 s, doubling. Times are milliseconds.
@Suite struct BackOffTests {
    let memory = LearnedQuirks.memory()

    @Test func doublesUpToAnHour() {
        var now = 5_000
        for seconds in [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600] {
            #expect(self.memory.mayOpenExtra(host, now: now))
            self.memory.extraRefused(host, now: now)
            #expect(!self.memory.mayOpenExtra(host, now: now))
            #expect(!self.memory.mayOpenExtra(host, now: now + seconds * 1000 - 1))
            #expect(self.memory.mayOpenExtra(other, now: now))
            now += seconds * 1000
        }
        self.memory.extraAccepted(host)
        self.memory.extraRefused(host, now: now)
        #expect(self.memory.mayOpenExtra(host, now: now + 60_000))
    }

    /// Twenty sessions that were refused at the same time are one refusal.
    @Test func refusalsAtTheSameTimeCountOnce() {
        for moment in 0..<20 { self.memory.extraRefused(host, now: moment) }
        #expect(!self.memory.mayOpenExtra(host, now: 59_999))
        #expect(self.memory.mayOpenExtra(host, now: 60_000))
    }

    @Test func acceptedEndsIt() {
        self.memory.extraRefused(host, now: 0)
        self.memory.extraAccepted(host)
        #expect(self.memory.mayOpenExtra(host, now: 1))
    }

    @Test func anOldRefusalIsForgotten() {
        for now in [0, 60_000] { self.memory.extraRefused(host, now: now) }
        let later = 60_000 + 7_200_000
        self.memory.extraRefused(host, now: later)
        #expect(self.memory.mayOpenExtra(host, now: later + 60_000))
    }
}
