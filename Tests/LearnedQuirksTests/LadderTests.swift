import QuirkKit
import Testing

@testable import LearnedQuirks

extension Finding {
    /// As Plugins/BrokenSTARTTLS and Plugins/LegacyTLS have them.
    static let brokenTLS = Finding(quirk: QuirkSetting("broken-starttls"), sent: "STARTTLS", reply: "no reply in time", counting: .forceable)
    static let legacyTLS = Finding(quirk: QuirkSetting("legacy-tls"), sent: "STARTTLS", reply: "unsupported protocol", counting: .forceable)
    /// Believed at once, and as long as the operator lets it.
    static let once = Finding(
        quirk: QuirkSetting("strict-syntax"), sent: "MAIL FROM: <a@example.org>", reply: "501 syntax",
        counting: Counting(needed: 1, ending: .probed(hourly: false)))
    /// A learned number that is raised day by day.
    static let raised = Finding(
        quirk: QuirkSetting("recipient-limit", ["recipients": .integer(10)]), sent: "RCPT TO:<x@example.net>", reply: "550 5.5.3 Too many recipients",
        counting: Counting(needed: 1, ending: .raised(option: "recipients"), replaces: .smaller(option: "recipients")))
}

/// Findings that ask for time between (`span`), for a life of their own (`lasts`), and to be doubted each hour.
@Suite struct LadderTests {
    /// Failures after so many seconds, and from which of them on it is learned.
    @Test(
        arguments: [
            ([0, 1800, 3600], 3), ([0, 1800, 3599], nil), ([0, 1800, 3599, 3600], 4), ([0, 3600], nil), ([0, 0, 0], nil), ([0, 0, 0, 3600], 4),
            ([0, 3600, 3600], 3), ([0, 9000, 20_000, 30_000], 3),
            // A day without any is a new beginning.
            ([0, 10, day + 10, day + 20], nil), ([0, day, 2 * day, 3 * day], nil), ([0, day - 1, 2 * day - 2], 3), ([0, 1, 2, 3, 4, 5, 6], nil),
        ] as [([Int], Int?)], [Finding.brokenTLS, .legacyTLS])
    func threeFailuresOverAnHour(_ times: ([Int], learnedWith: Int?), _ finding: Finding) {
        let memory = LearnedQuirks.memory()
        for (index, time) in times.0.enumerated() {
            memory.found(finding, now: start + time)
            #expect(memory.quirks(at: start + time).isEmpty == (times.learnedWith.map { index + 1 < $0 } ?? true), "after \(index + 1)")
        }
    }

    /// Whoever answers once with old TLS hides nothing from anybody in the next session; who did so for an hour is doubted an hour later.
    @Test func oldTLSIsDoubtedHourly() {
        let memory = LearnedQuirks.memory()
        for now in [start - hour, start - hour, start] { memory.found(.legacyTLS, now: now) }
        #expect(memory.mayProbe("legacy-tls", at: host, now: start))
        #expect(!memory.mayProbe("legacy-tls", at: host, now: start + hour - 1))
        #expect(memory.mayProbe("legacy-tls", at: host, now: start + hour))
    }

    /// Connections that went on say nothing about TLS.
    @Test func reuseDoesNotSpeakAgainstIt() {
        let memory = LearnedQuirks.memory()
        memory.reused(host, mails: 64, now: start)
        memory.found(.once)
        #expect(memory.quirks() == [QuirkSetting("strict-syntax")])
    }

    @Test func threeDaysFromTheLastFailure() {
        let events = Events()
        let memory = Self.memory(events: events)
        #expect(memory.known(of: host, at: start).map(\.expires) == [start + 3 * day])
        memory.found(.brokenTLS, now: start + day)
        #expect(memory.known(of: host, at: start + day).map(\.expires) == [start + 4 * day])
        #expect(memory.quirks(at: start + 4 * day - 1) == [.init("broken-starttls")])
        memory.synchronise(now: start + 4 * day)
        #expect(memory.quirks(at: start + 4 * day) == [])
        #expect(events.expired.map(\.quirk.name) == ["broken-starttls"])
    }

    /// The operator's `expires` is the most; what is shorter stays shorter.
    @Test(arguments: [(hour, hour), (3 * day, 3 * day), (30 * day, 3 * day)])
    func noLongerThanConfigured(expires: Int, lasts: Int) {
        let memory = Self.memory(.init(expires: expires))
        #expect(memory.known(of: host, at: start).map(\.expires) == [start + lasts])
        memory.found(.once)
        #expect(memory.known(of: host, at: start).map(\.expires) == [start + lasts, start + expires])
    }

    @Test func dueFromTheStartAndAtMostHourly() {
        let memory = Self.memory()
        #expect(memory.known(of: host, at: start).map(\.isDueForProbe) == [true])
        #expect(memory.mayProbe("broken-starttls", at: host, now: start))
        #expect(!memory.mayProbe("broken-starttls", at: host, now: start + hour - 1))
        #expect(memory.known(of: host, at: start + hour - 1).map(\.isDueForProbe) == [false])
        #expect(memory.mayProbe("broken-starttls", at: host, now: start + hour))
        // It failed; the next is an hour off, not a day.
        memory.found(.brokenTLS, now: start + hour + 30)
        #expect(!memory.mayProbe("broken-starttls", at: host, now: start + hour + 31))
        #expect(memory.mayProbe("broken-starttls", at: host, now: start + 2 * hour))
    }

    @Test func threeCleanProbesAreThreeHours() {
        let events = Events()
        let memory = Self.memory(events: events)
        for hours in 1...3 {
            let now = start + hours * hour
            #expect(memory.mayProbe("broken-starttls", at: host, now: now))
            memory.clean("broken-starttls", now: now)
        }
        #expect(memory.quirks(at: start + 3 * hour) == [])
        #expect(events.healed.map(\.quirk.name) == ["broken-starttls"])
    }

    /// What asks for nothing else is doubted as the founding family is.
    @Test func othersAreProbedFromADayAfter() {
        let memory = LearnedQuirks.memory()
        memory.found(.once)
        #expect(!memory.mayProbe("strict-syntax", at: host, now: start + day - 1))
        #expect(memory.mayProbe("strict-syntax", at: host, now: start + day))
    }

    @Test func aRestartRemembersIt() throws {
        let folder = try Folder()
        let memory = Self.memory(in: folder)
        memory.found(.once)
        memory.synchronise(now: start)
        let known = memory.known(of: host, at: start + hour)
        #expect(known.map(\.isProbedHourly) == [true, false])
        #expect(known.map(\.heals) == [true, true])
        #expect(known.map(\.isDueForProbe) == [true, false])
        #expect(LearnedQuirks.file(folder.file, now: start + hour).known(of: host, at: start + hour) == known)
        #expect(LearnedQuirks.file(folder.file, now: start + 3 * day).quirks(at: start + 3 * day).map(\.name) == ["strict-syntax"])
    }

    /// By one for each day since it was last seen; what it says then replaces it where it is smaller.
    @Test func aLearnedNumberIsRaisedDayByDay() {
        let memory = LearnedQuirks.memory()
        memory.found(.raised)
        let number = { now in memory.known(of: host, at: now).compactMap { $0.quirk.options.integer("recipients") } }
        #expect(number(start + day - 1) == [10])
        #expect(number(start + 5 * day) == [15])
        memory.found(.raised, now: start + 5 * day)
        #expect(number(start + 5 * day) == [10])
    }

    @Test func whatIsPinnedIsNotDoubted() throws {
        let folder = try Folder()
        let memory = Self.memory(in: folder)
        memory.synchronise(now: start)
        try LearnedFile(path: folder.file).pin(host, QuirkSetting("broken-starttls"), now: start)
        memory.synchronise(now: start)
        #expect(memory.known(of: host, at: start).map(\.isPinned) == [true])
        #expect(!memory.mayProbe("broken-starttls", at: host, now: start + hour))
        #expect(memory.quirks(at: start + 400 * day) == [.init("broken-starttls")])
    }

    /// That knows it, since `start`.
    private static func memory(_ policy: LearnedQuirks.Policy = .init(), in folder: Folder? = nil, events: Events = Events()) -> LearnedQuirks {
        let memory = folder.map { .file($0.file, policy, now: start - hour, events: events) } ?? LearnedQuirks.memory(policy, events: events)
        for now in [start - hour, start - hour, start] { memory.found(.brokenTLS, now: now) }
        return memory
    }
}
