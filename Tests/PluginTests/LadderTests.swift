import BrokenSTARTTLS
import LegacyTLS
import QuirkKit
import SMTPWire
import StandardQuirks
import Testing

/// The ladder of opportunistic TLS: which of its two quirks takes which failure, and where it goes.
@Suite struct LadderTests {
    typealias Kind = TLSFailure.Kind

    struct Step: Hashable, CustomStringConvertible {
        let kind: Kind
        let rung: Rung
        let ignored: Set<String>
        /// Quirk and recovery; nil: there is no TLS, and nothing to be done about it.
        let taken: String?

        init(_ kind: Kind, at rung: Rung, ignored: Set<String> = [], taken: String?) {
            (self.kind, self.rung, self.ignored, self.taken) = (kind, rung, ignored, taken)
        }

        var description: String { "\(self.kind) at \(self.rung), ignored: \(self.ignored.sorted()) → \(self.taken ?? "nothing")" }
    }

    static let (legacy, clear) = ("legacy-tls legacyTLS", "broken-starttls clearText")
    static let steps = [
        Step(.handshake, at: .modern, taken: legacy), Step(.closed, at: .modern, taken: legacy),
        Step(.stalled, at: .modern, taken: clear), Step(.garbled, at: .modern, taken: clear), Step(.reply(454), at: .modern, taken: clear),
        Step(.reply(500), at: .modern, taken: clear),
        Step(.handshake, at: .legacy, taken: clear), Step(.closed, at: .legacy, taken: clear), Step(.stalled, at: .legacy, taken: clear),
        Step(.reply(454), at: .legacy, taken: clear), Step(.reply(500), at: .legacy, taken: clear),
        Step(.handshake, at: .clear, taken: nil), Step(.reply(500), at: .clear, taken: nil),
        Step(.handshake, at: .modern, ignored: ["legacy-tls"], taken: clear), Step(.closed, at: .modern, ignored: ["legacy-tls"], taken: clear),
        Step(.handshake, at: .modern, ignored: ["broken-starttls"], taken: legacy),
        Step(.stalled, at: .modern, ignored: ["broken-starttls"], taken: nil),
        Step(.handshake, at: .legacy, ignored: ["broken-starttls"], taken: nil),
        Step(.closed, at: .modern, ignored: ["legacy-tls", "broken-starttls"], taken: nil),
    ]

    @Test(arguments: steps, [Activation.watching, .applied([:])]) func `who takes it`(_ step: Step, _ activation: Activation) {
        let decisions = StandardQuirks.catalogue.filter { !step.ignored.contains($0.name) }.map { type in
            var quirk = type.init(activation)
            return (type.name, quirk.decide(on: .tlsFailed(TLSFailure(step.kind, because: "why")), to: nil, given: Facts(rung: step.rung)))
        }
        let first = decisions.first { $0.1 != .pass }
        guard case (let name, .recover(let recovery, _, _))? = first else {
            #expect(first == nil && step.taken == nil)
            return
        }
        #expect("\(name) \(recovery)" == step.taken)
    }

    @Test(arguments: [Kind.handshake, .closed]) func `old TLS is believed late, briefly and with doubts`(_ kind: Kind) {
        var quirk = LegacyTLS(.watching)
        let finding = Finding(
            quirk: QuirkSetting("legacy-tls"), shape: .legacyTLS, sent: "STARTTLS", reply: "unsupported protocol", needed: 3, heals: true, span: 3600,
            lasts: 259_200, isProbedHourly: true)
        let decision = quirk.decide(on: .tlsFailed(TLSFailure(kind, because: "unsupported protocol")), to: nil, given: Facts())
        #expect(decision == .recover(.legacyTLS, finding: finding, because: "no TLS of today with this host, perhaps an old one"))
    }

    @Test(arguments: [Kind.handshake, .closed, .stalled, .garbled, .reply(250), .reply(500)])
    func `clear text is believed late, briefly and with doubts`(
        _ kind: Kind
    ) {
        #expect(
            self.finding(kind)
                == Finding(
                    quirk: QuirkSetting("broken-starttls"), shape: .brokenTLS, sent: "STARTTLS", reply: "why", needed: 3, heals: true, span: 3600,
                    lasts: 259_200, isProbedHourly: true))
    }

    @Test(arguments: [400, 421, 454, 499]) func `a refusal for now is never learned`(_ code: Int) { #expect(self.finding(.reply(code)) == nil) }

    private func finding(_ kind: Kind) -> Finding? {
        var quirk = BrokenSTARTTLS(.watching)
        guard
            case .recover(.clearText, let finding, _) = quirk.decide(
                on: .tlsFailed(TLSFailure(kind, because: "why")), to: nil, given: Facts(rung: .legacy))
        else {
            Issue.record("no recovery")
            return nil
        }
        return finding
    }

    @Test func `where they begin`() {
        #expect(LegacyTLS(.watching).firstRung(given: Facts()) == .modern)
        #expect(LegacyTLS(.applied([:])).firstRung(given: Facts()) == .legacy)
        #expect(BrokenSTARTTLS(.watching).firstRung(given: Facts()) == .modern)
        #expect(BrokenSTARTTLS(.applied([:])).firstRung(given: Facts()) == .clear)
        #expect([Rung.clear, .modern, .legacy].sorted() == [.modern, .legacy, .clear])
    }

    /// Replies and closed connections are not their business.
    @Test(arguments: [Answer.reply(Reply(454, "TLS not available")), .closed(after: .zero)]) func `nothing else`(_ answer: Answer) {
        var (old, broken) = (LegacyTLS(.watching), BrokenSTARTTLS(.watching))
        #expect(old.decide(on: answer, to: .starttls, given: Facts()) == .pass)
        #expect(broken.decide(on: answer, to: .starttls, given: Facts()) == .pass)
        #expect(LegacyTLS.hooks == .tls && BrokenSTARTTLS.hooks == .tls)
    }
}
