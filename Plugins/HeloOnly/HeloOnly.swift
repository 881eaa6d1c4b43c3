public import QuirkKit
import SMTPWire

/// A host that refuses EHLO, or hangs up on it, and takes HELO (RFC 5321 §3.2, §4.1.4).
public struct HeloOnly: Quirk {
    public let description = QuirkDescription(
        name: "helo-only",
        repairs: "does not know EHLO: says HELO, where no TLS is demanded",
        detection: "EHLO is refused with a 5xx, or the connection is closed instead, and HELO is accepted",
        options: [],
        evidence: ["Q-10", "Q-11", "Q-12", "RFC 1869 §4.7", "RFC 5321 §3.2", "RFC 5321 §4.1.4"],
        stage: .ehlo)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.hello = .helo } }

    public let watches = Watches([.refused, .closed], at: [.hello])

    /// A host that offered STARTTLS within a month knows EHLO: whoever refuses it now may stand in between.
    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard case .ehlo? = seen.sent?.body, !facts.demandsTLS, !facts.abilities.contains(.starttls), facts.workarounds.hello == .ehlo else { return nil }
        switch seen.answer {
        case .reply(let reply):
            guard reply.isPermanent, !reply.isPolicy, !reply.refusesConnection else { return nil }
            return Diagnosis(retry: .here, counts: .forceable, because: "EHLO is refused, as by a host that knows HELO alone")
        case .closed: return Diagnosis(retry: .onNewConnection, counts: .forceable, because: "the connection was closed at EHLO")
        case .tlsFailed, .timedOut, .garbled, .unsolicited: return nil
        }
    }

    public let acquittals = Watches([.accepted], at: [.hello])

    public func acquits(_ seen: Observation, _ facts: Facts) -> Bool { if case .ehlo? = seen.sent?.body { true } else { false } }
}
