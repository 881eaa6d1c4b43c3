import BrokenSTARTTLS
import LegacyTLS
import QuirkKit
import SMTPWire
import StandardQuirks
import Testing

/// How opportunistic TLS falls back: which of its two quirks takes which failure, and where it goes.
@Suite struct LadderTests {
    typealias Kind = TLSFailure.Kind

    struct Step: Hashable, CustomStringConvertible {
        let kind: Kind
        let fallback: TLSFallback
        let ignored: Set<String>
        /// Quirk and where it goes; nil: there is no TLS, and nothing to be done about it.
        let taken: String?

        init(_ kind: Kind, at fallback: TLSFallback, ignored: Set<String> = [], taken: String?) {
            (self.kind, self.fallback, self.ignored, self.taken) = (kind, fallback, ignored, taken)
        }

        var description: String { "\(self.kind) at \(self.fallback), ignored: \(self.ignored.sorted()) → \(self.taken ?? "nothing")" }
    }

    static let (legacy, clear) = ("legacy-tls legacy", "broken-starttls clear")
    static let steps = [
        Step(.handshake, at: .modern, taken: legacy), Step(.closed, at: .modern, taken: legacy),
        Step(.stalled, at: .modern, taken: clear), Step(.garbled, at: .modern, taken: clear), Step(.reply(454), at: .modern, taken: clear),
        Step(.reply(500), at: .modern, taken: clear), Step(.hello(503), at: .modern, taken: clear), Step(.hello(nil), at: .legacy, taken: clear),
        Step(.handshake, at: .legacy, taken: clear), Step(.closed, at: .legacy, taken: clear), Step(.stalled, at: .legacy, taken: clear),
        Step(.reply(454), at: .legacy, taken: clear), Step(.reply(500), at: .legacy, taken: clear),
        Step(.handshake, at: .clear, taken: nil), Step(.reply(500), at: .clear, taken: nil),
        Step(.handshake, at: .modern, ignored: ["legacy-tls"], taken: clear), Step(.closed, at: .modern, ignored: ["legacy-tls"], taken: clear),
        Step(.handshake, at: .modern, ignored: ["broken-starttls"], taken: legacy),
        Step(.stalled, at: .modern, ignored: ["broken-starttls"], taken: nil),
        Step(.handshake, at: .legacy, ignored: ["broken-starttls"], taken: nil),
        Step(.closed, at: .modern, ignored: ["legacy-tls", "broken-starttls"], taken: nil),
    ]

    @Test(arguments: steps) func `who takes it`(_ step: Step) {
        let seen = Observation(.tlsFailed(TLSFailure(step.kind, because: "why")), to: .starttls)
        let facts = Facts(workarounds: Workarounds { $0.tls = step.fallback })
        for quirk in StandardQuirks.catalogue where !step.ignored.contains(quirk.name) && quirk.watches.contains(.tls, .tlsFailed) {
            guard let diagnosis = quirk.diagnose(seen, facts) else { continue }
            #expect(diagnosis.retry == .onNewConnection)
            #expect("\(quirk.name) \(quirk.workarounds(diagnosis.options).tls)" == step.taken)
            return
        }
        #expect(step.taken == nil)
    }

    @Test(arguments: [Kind.handshake, .closed]) func `old TLS is believed late, briefly and with doubts`(_ kind: Kind) {
        #expect(Self.counts(LegacyTLS(), kind, at: .modern) == Self.late)
    }

    @Test(arguments: [Kind.handshake, .closed, .stalled, .garbled, .reply(250), .reply(500), .hello(503), .hello(nil)])
    func `clear text is believed late, briefly and with doubts`(_ kind: Kind) {
        #expect(Self.counts(BrokenSTARTTLS(), kind, at: .legacy) == Self.late)
    }

    @Test(arguments: [400, 421, 454, 499]) func `a refusal for now is never learned`(_ code: Int) {
        #expect(Self.counts(BrokenSTARTTLS(), .reply(code), at: .legacy) == nil)
        #expect(Self.counts(BrokenSTARTTLS(), .hello(code), at: .legacy) == nil)
    }

    private static let late = Counting(needed: 3, span: 3600, lasts: 259_200, ending: .probed(hourly: true))

    private static func counts(_ quirk: some Quirk, _ kind: Kind, at fallback: TLSFallback) -> Counting? {
        let seen = Observation(.tlsFailed(TLSFailure(kind, because: "why")), to: .starttls)
        let diagnosis = quirk.diagnose(seen, Facts(workarounds: Workarounds { $0.tls = fallback }))
        #expect(diagnosis != nil)
        return diagnosis?.counts
    }

    @Test func `where they begin`() {
        #expect(LegacyTLS().workarounds([:]).tls == .legacy)
        #expect(BrokenSTARTTLS().workarounds([:]).tls == .clear)
        #expect([TLSFallback.clear, .modern, .legacy].sorted() == [.modern, .legacy, .clear])
    }

    /// Replies and closed connections are not their business.
    @Test(arguments: [Answer.reply(Reply(454, "TLS not available")), .closed(after: .zero)]) func `nothing else`(_ answer: Answer) {
        for quirk in [LegacyTLS(), BrokenSTARTTLS()] as [any Quirk] {
            #expect(quirk.diagnose(Observation(answer, to: .starttls), Facts()) == nil)
            #expect(quirk.watches == Watches([.tlsFailed], at: [.tls]))
        }
    }
}
