import QuirkKit
import Testing

@testable import LearnedQuirks

/// Findings that count only once their sender was accepted elsewhere, and once for each sender.
@Suite struct SuspicionTests {
    static let remote = "192.0.2.1:25"

    private static func finding(_ sender: String) -> Finding {
        Finding(
            quirk: QuirkSetting("message-limit", ["messages": .integer(1)]), sent: "MAIL FROM:<\(sender)>", reply: "501 no",
            counting: Counting(needed: 2, ending: .expires, confirmedBySender: true), sender: sender)
    }

    private var ledger = Ledger(policy: .init(), hasFile: false)

    @Test mutating func `two senders are needed, one is not enough however often`() {
        for _ in 1...3 { #expect(self.ledger.found(Self.finding("a"), at: Self.remote, session: "s", now: 10).isEmpty) }
        #expect(self.ledger.found(Self.finding("b"), at: Self.remote, session: "s", now: 20).count == 1)
    }

    @Test mutating func `a suspicion waits for a day, and goes when it is found true`() {
        for sender in ["a", "b", "a"] { self.ledger.suspected(Self.finding(sender), at: Self.remote, now: 10) }
        #expect(self.ledger.suspicions(of: Self.remote, at: 20).map(\.sender) == ["a", "b"])
        _ = self.ledger.found(Self.finding("a"), at: Self.remote, session: "s", now: 30)
        #expect(self.ledger.suspicions(of: Self.remote, at: 40).map(\.sender) == ["b"])
        #expect(self.ledger.suspicions(of: Self.remote, at: 40 + Bounds.day).isEmpty)
        #expect(self.ledger.suspicions(of: "192.0.2.2:25", at: 40).isEmpty)
    }

    @Test mutating func `few are kept`() {
        for index in 1...100 { self.ledger.suspected(Self.finding("\(index)"), at: Self.remote, now: 10) }
        #expect(self.ledger.suspicions(of: Self.remote, at: 10).count == Bounds.suspicions)
    }

    @Test mutating func `nothing while learning is switched off`() {
        self.ledger.policy.enabled = false
        self.ledger.suspected(Self.finding("a"), at: Self.remote, now: 10)
        #expect(self.ledger.suspicions(of: Self.remote, at: 10).isEmpty)
    }
}
