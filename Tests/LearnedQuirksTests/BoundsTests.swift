import QuirkKit
import Testing

@testable import LearnedQuirks

/// Law 9: everything is bounded.
@Suite struct BoundsTests {
    @Test func theOldestFades() {
        var values = Fading<Int, Int>(lifetime: 1000, limit: 100)
        for number in 0..<250 { values.set(number, for: number, at: number) }
        #expect(values.count <= 100)
        #expect(values.value(for: 249, at: 250) == 249)
        #expect(values.value(for: 0, at: 250) == nil)
        #expect((200..<250).allSatisfy { values.value(for: $0, at: 250) == $0 })
    }

    @Test func fadedValuesMakeRoomFirst() {
        var values = Fading<Int, Int>(lifetime: 10, limit: 100)
        for number in 0..<100 { values.set(number, for: number, at: number < 50 ? 0 : 95) }
        values.set(1, for: 1000, at: 99)
        #expect(values.count == 51)
    }

    @Test func learnedQuirks() {
        let memory = LearnedQuirks.memory(.init(expires: 300 * day))
        let remotes = (0..<Bounds.learned + 50).map { "192.0.2.1:\($0)" }
        for (index, remote) in remotes.enumerated() { memory.found(.noReuse, at: remote, session: "s", now: start + index) }
        let now = start + remotes.count
        #expect(remotes.count { !memory.known(of: $0, at: now).isEmpty } <= Bounds.learned)
        #expect(remotes.prefix(100).allSatisfy { memory.known(of: $0, at: now).isEmpty })
        #expect(remotes.dropFirst(100).allSatisfy { !memory.known(of: $0, at: now).isEmpty })
    }

    @Test func optionsOfOneCandidate() {
        var candidates = Candidates()
        for messages in 1...1000 { _ = candidates.count(limit(messages), at: host, now: start) }
        #expect(candidates.count(limit(1000), at: host, now: start).count == 2)
        #expect(candidates.count(limit(1), at: host, now: start).count == 1)
    }

    @Test(arguments: [
        ("503 Sender already specified", "503 Sender already specified"), ("", ""), ("503 dé\u{0}jà\u{1B}[2J", "503 dé␀jà␛[2J"),
        ("250-a\n250 b\tc\r", "250-a\n250 b\tc␍"), ("\u{7F}\u{9B}\u{202E}", "␡\u{FFFD}\u{FFFD}"),
    ])
    func evidence(_ text: String, kept: String) { #expect(Evidence.kept(text) == kept) }

    /// One character of a million scalars is a long text too.
    @Test(arguments: [String(repeating: "x", count: 100_000), "e" + String(repeating: "\u{301}", count: 100_000)])
    func longEvidence(_ text: String) { #expect(Evidence.kept(text).unicodeScalars.count == 500) }

    @Test(arguments: [
        (0, "1970-01-01"), (951_782_400, "2000-02-29"), (1_795_478_399, "2026-11-23"), (-5, "1969-12-31"), (253_402_300_800, "10000-01-01"),
    ])
    func dates(_ seconds: Int, text: String) { #expect(Moment(at: seconds).day == text) }
}
