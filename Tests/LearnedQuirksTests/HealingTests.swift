import QuirkKit
import Testing

@testable import LearnedQuirks

/// docs/design.md, healing: probed from a day after, at most once an hour and address; three clean connections remove the entry.
@Suite struct HealingTests {
    @Test(arguments: [(0, false), (day - 1, false), (day, true), (3 * day, true), (30 * day - 1, true), (30 * day, false)])
    func dueForProbe(after seconds: Int, isDue: Bool) {
        let memory = LearnedQuirks.memory()
        memory.found(.noReuse)
        #expect((memory.known(of: host, at: start + seconds).first?.isDueForProbe ?? false) == isDue)
        #expect(memory.mayProbe("message-limit", at: host, now: start + seconds) == isDue)
    }

    @Test func oncePerHourAndRemote() {
        let memory = LearnedQuirks.memory()
        for finding in [Finding.noReuse, .stickySender] { memory.found(finding) }
        memory.found(.noReuse, at: other, session: "s", now: start)
        let due = start + day
        #expect(memory.mayProbe("message-limit", at: host, now: due))
        #expect(!memory.mayProbe("message-limit", at: host, now: due))
        #expect(!memory.mayProbe("sticky-sender", at: host, now: due + 1))
        #expect(memory.known(of: host, at: due + hour - 1).map(\.isDueForProbe) == [false, false])
        #expect(memory.mayProbe("message-limit", at: other, now: due))
        #expect(!memory.mayProbe("sticky-sender", at: host, now: due + hour - 1))
        #expect(memory.known(of: host, at: due + hour).map(\.isDueForProbe) == [true, true])
        #expect(memory.mayProbe("sticky-sender", at: host, now: due + hour))
        #expect(!memory.mayProbe("unknown", at: host, now: due + 2 * hour))
        #expect(!memory.mayProbe("message-limit", at: "192.0.2.9:25", now: due))
    }

    @Test func threeInARow() {
        let events = Events()
        let memory = LearnedQuirks.memory(events: events)
        memory.found(.noReuse)
        for time in [day, day + hour] { memory.clean("message-limit", now: start + time) }
        #expect(memory.known(of: host, at: start + 2 * day).map(\.cleanInARow) == [2])
        #expect(events.healed == [])
        memory.clean("message-limit", now: start + day + 2 * hour)
        #expect(memory.quirks(at: start + 2 * day) == [])
        #expect(events.healed.map(\.quirk) == [limit(1)])
        memory.clean("message-limit", now: start + day + 3 * hour)
        #expect(events.healed.count == 1)
    }

    /// Clean, clean, seen again: it starts anew, and the next probe is a day off.
    @Test func aFailedProbeStartsAnew() {
        let memory = LearnedQuirks.memory()
        memory.found(.noReuse)
        for time in [day, day + hour] { memory.clean("message-limit", now: start + time) }
        let again = start + day + 2 * hour
        memory.found(.noReuse, now: again)
        #expect(!memory.mayProbe("message-limit", at: host, now: again + day - 1))
        #expect(memory.mayProbe("message-limit", at: host, now: again + day))
        for time in [0, hour] { memory.clean("message-limit", now: again + day + time) }
        #expect(memory.quirks(at: again + day) == [limit(1)])
        memory.clean("message-limit", now: again + day + 2 * hour)
        #expect(memory.quirks(at: again + day) == [])
    }

    @Test(arguments: [Finding.limit(3), .silence(3)])
    func limitsAndSilencesOnlyExpire(_ finding: Finding) {
        let memory = LearnedQuirks.memory()
        for _ in 1...2 { memory.found(finding) }
        let later = start + 2 * day
        #expect(memory.known(of: host, at: later).map(\.isDueForProbe) == [false])
        #expect(!memory.mayProbe("message-limit", at: host, now: later))
        for _ in 1...5 { memory.clean("message-limit", now: later) }
        #expect(memory.quirks(at: later) == [limit(3)])
        #expect(memory.quirks(at: start + 30 * day) == [])
    }
}
