import QuirkKit
import Testing

@testable import LearnedQuirks

/// docs/design.md, "The founding family, exactly": how many connections must agree.
@Suite struct CountingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String, finding: Finding, reusedBefore: Int?, needed: Int
        var testDescription: String { self.name }
    }

    @Test(arguments: [
        Case(name: "A", finding: .stickySender, reusedBefore: nil, needed: 1),
        Case(name: "B", finding: .noReuse, reusedBefore: nil, needed: 1),
        Case(name: "D", finding: .limit(5), reusedBefore: nil, needed: 2),
        Case(name: "E", finding: .silence(5), reusedBefore: nil, needed: 2),
        Case(name: "A, re-used", finding: .stickySender, reusedBefore: 1, needed: 3),
        Case(name: "B, re-used", finding: .noReuse, reusedBefore: day - 1, needed: 3),
        Case(name: "D, re-used", finding: .limit(5), reusedBefore: hour, needed: 3),
        Case(name: "E, re-used", finding: .silence(1), reusedBefore: 0, needed: 3),
        Case(name: "A, re-used a day ago", finding: .stickySender, reusedBefore: day, needed: 1),
        Case(name: "D, re-used long ago", finding: .limit(5), reusedBefore: 3 * day, needed: 2),
    ])
    func thresholds(_ test: Case) {
        let events = Events()
        let memory = LearnedQuirks.memory(events: events)
        if let before = test.reusedBefore { memory.reused(host, mails: .max, now: start - before) }
        for _ in 1..<test.needed {
            memory.found(test.finding)
            #expect(memory.quirks() == [])
        }
        memory.found(test.finding)
        #expect(memory.quirks() == [test.finding.quirk])
        memory.found(test.finding)
        let learned = Learned(
            remote: host, quirk: test.finding.quirk, origin: .learned, sent: test.finding.sent, reply: test.finding.reply,
            firstSeen: start, lastSeen: start, expires: start + 30 * day, ending: test.finding.counting.ending)
        #expect(events.all == [.learned(learned, session: "s")])
        #expect(memory.known(of: host, at: start) == [learned])
        #expect(memory.known(of: other, at: start) == [])
    }

    /// What was learned, after findings of limits one after the other.
    @Test(
        arguments: [
            ([5], nil), ([5, 4], nil), ([5, 4, 5], 5), ([5, 4, 4], 4), ([3, 4, 5, 6, 7], nil),
            ([5, 5, 3], 5), ([5, 5, 3, 3], 3), ([3, 3, 5, 5, 5], 3), ([5, 5, 3, 5, 3], 3), ([2, 2, 1, 1], 1),
        ] as [([Int], Int?)])
    func limitsAreCountedApart(_ found: [Int], learned: Int?) {
        let memory = LearnedQuirks.memory()
        for messages in found { memory.found(.limit(messages)) }
        #expect(memory.quirks() == (learned.map { [limit($0)] } ?? []))
    }

    @Test func aLimitAndASilenceAtTheSameMessageAgree() {
        let memory = LearnedQuirks.memory()
        memory.found(.limit(5))
        memory.found(.silence(5))
        #expect(memory.known(of: host, at: start).map(\.reply) == ["(closed)"])
    }

    @Test func aRemoteIsAnAddressAndAPort() {
        let memory = LearnedQuirks.memory()
        for remote in [host, "192.0.2.1:26", "192.0.2.2:25"] { memory.found(.limit(5), at: remote, session: "s", now: start) }
        #expect([host, "192.0.2.1:26", "192.0.2.2:25"].flatMap { memory.known(of: $0, at: start) } == [])
    }

    @Test(arguments: [(day - 1, true), (day, false)])
    func aCandidateFades(after pause: Int, isLearned: Bool) {
        let memory = LearnedQuirks.memory()
        memory.found(.limit(5), now: start)
        memory.found(.limit(5), now: start + pause)
        #expect(memory.quirks(at: start + pause) == (isLearned ? [limit(5)] : []))
        // The first sighting is remembered.
        #expect(memory.known(of: host, at: start + pause).map(\.firstSeen) == (isLearned ? [start] : []))
    }

    /// A candidate among others fades by itself, however fresh the others are.
    @Test func eachCandidateFadesByItself() {
        let memory = LearnedQuirks.memory()
        memory.found(.limit(5), now: start)
        memory.found(.limit(7), now: start + day - 1)
        memory.found(.limit(5), now: start + day)
        #expect(memory.quirks(at: start + day) == [])
    }

    /// A re-use that did not come past a limit does not speak against it.
    @Test(arguments: [(2, 5, 2), (5, 5, 2), (6, 5, 3), (2, 1, 3)])
    func reuseUpToTheLimit(mails: Int, messages: Int, needed: Int) {
        let memory = LearnedQuirks.memory()
        memory.reused(host, mails: mails, now: start)
        for _ in 1..<needed { memory.found(.limit(messages)) }
        #expect(memory.quirks() == [])
        memory.found(.limit(messages))
        #expect(memory.quirks() == [limit(messages)])
    }

    /// As the engine notes a long connection: a limit that it has not gone past may still be there, one that it has is doubted.
    @Test(arguments: [(8, 2), (9, 2), (7, 3), (6, 3), (1, 3)])
    func aConnectionThatGoesOn(messages: Int, needed: Int) {
        let memory = LearnedQuirks.memory()
        for mails in [2, 4, 8] { memory.reused(host, mails: mails, now: start + mails) }
        for count in 1...needed {
            #expect(memory.quirks(at: start + 9) == [], "learned from \(count - 1)")
            memory.found(.limit(messages), now: start + 9)
        }
        #expect(memory.quirks(at: start + 9) == [limit(messages)])
    }

    /// The deep re-use is a day old, the shallow one is not.
    @Test func deepReuseFadesByItself() {
        var reuse = Reuse()
        reuse.note(mails: 9, at: start)
        for hours in 1...23 { reuse.note(mails: 3, at: start + hours * hour) }
        #expect(reuse.reached(past: 8, at: start + day - 1))
        #expect(!reuse.reached(past: 8, at: start + day))
        #expect(reuse.reached(past: 2, at: start + day))
        #expect(!reuse.reached(past: 3, at: start + day))
    }

    @Test func quirksOfOneRemoteStandSideBySide() {
        let memory = LearnedQuirks.memory()
        memory.found(.stickySender)
        memory.found(.noReuse)
        #expect(memory.quirks().map(\.name) == ["message-limit", "sticky-sender"])
    }

    @Test func seenAgain() {
        let memory = LearnedQuirks.memory()
        memory.found(.noReuse, now: start)
        memory.used("message-limit", at: host, now: start + hour)
        memory.clean("message-limit", now: start + day)
        memory.found(.noReuse, now: start + 2 * day)
        let learned = memory.known(of: host, at: start + 2 * day).first
        #expect(learned?.firstSeen == start)
        #expect(learned?.lastSeen == start + 2 * day)
        #expect(learned?.expires == start + 32 * day)
        #expect(learned?.timesUsed == 1)
        #expect(learned?.cleanInARow == 0)
    }

    @Test(arguments: [(29 * day, 1), (30 * day - 1, 1), (30 * day, 0), (400 * day, 0)])
    func expiry(after seconds: Int, left: Int) {
        let events = Events()
        let memory = LearnedQuirks.memory(events: events)
        memory.found(.noReuse)
        #expect(memory.known(of: host, at: start + seconds).count == left)
        memory.synchronise(now: start + seconds)
        memory.synchronise(now: start + seconds)
        #expect(events.expired.count == 1 - left)
        #expect(memory.known(of: host, at: start).count == left)
    }

    @Test func eachExpiresInItsTurn() {
        let events = Events()
        let memory = LearnedQuirks.memory(events: events)
        let times = [5, 1, 9, 3]
        for days in times { memory.found(.noReuse, at: "192.0.2.\(days):25", session: "s", now: start + days * day) }
        for days in 30...40 { memory.synchronise(now: start + days * day) }
        #expect(events.expired.map(\.remote) == times.sorted().map { "192.0.2.\($0):25" })
    }

    @Test func switchedOff() {
        let events = Events()
        let memory = LearnedQuirks.memory(events: events)
        memory.found(.noReuse)
        memory.update(policy: .init(enabled: false))
        memory.found(.stickySender)
        memory.used("message-limit", at: host, now: start)
        for _ in 1...5 { memory.clean("message-limit", now: start + 2 * day) }
        #expect(!memory.mayProbe("message-limit", at: host, now: start + 2 * day))
        #expect(memory.quirks() == [])
        memory.synchronise(now: start + 31 * day)
        memory.update(policy: .init(enabled: true))
        #expect(memory.known(of: host, at: start).map(\.timesUsed) == [0])
        #expect(memory.quirks() == [limit(1)])
        #expect(events.all.count == 1)
    }

    @Test func aNewPolicyHoldsFromNowOn() {
        let memory = LearnedQuirks.memory()
        memory.found(.noReuse)
        memory.update(policy: .init(expires: 2 * day, heal: hour))
        #expect(memory.known(of: host, at: start + hour).map(\.isDueForProbe) == [true])
        #expect(memory.known(of: host, at: start).map(\.expires) == [start + 30 * day])
        memory.found(.stickySender)
        #expect(memory.known(of: host, at: start).map(\.expires) == [start + 30 * day, start + 2 * day])
    }

    @Test(arguments: [Int.max, Int.min, -1, 0])
    func policiesAreBounded(_ seconds: Int) {
        let memory = LearnedQuirks.memory(.init(expires: seconds, heal: seconds))
        memory.found(.noReuse)
        memory.update(policy: .init(expires: seconds, heal: seconds))
        #expect(memory.known(of: host, at: start).count == (seconds > 0 ? 1 : 0))
    }
}
