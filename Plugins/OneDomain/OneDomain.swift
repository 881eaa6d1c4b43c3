public import QuirkKit
import SMTPWire

/// A host that takes recipients of one domain in a transaction, and refuses those of a second.
public struct OneDomain: Quirk {
    public let description = QuirkDescription(
        name: "one-domain",
        repairs: "takes recipients of one domain in a transaction: tells the gateway 452 for those of others, which it sends in another transaction",
        detection: "a refusal at RCPT with words about several destination domains, after other recipients were accepted",
        options: [],
        evidence: ["Q-53", "RFC 5321 §4.5.3.1.10", "RFC 9422 (LIMITS RCPTDOMAINMAX)"],
        stage: .rcpt)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.domains = 1 } }

    public let watches = Watches([.refused], at: [.rcpt])

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard facts.recipientsAccepted > 0, case .reply(let reply) = seen.answer, reply.saysOneDomain else { return nil }
        // What it says itself the gateway understands: recipients of other domains in another transaction.
        let isUnderstood = reply.code == 452
        return Diagnosis(
            retry: .none, tells: isUnderstood ? nil : Reply(452, "4.5.3 the host takes one recipient domain in a transaction"),
            counts: Counting(needed: 2, lasts: 7 * 86_400, ending: .expires), because: "recipients of a second domain are refused")
    }
}
