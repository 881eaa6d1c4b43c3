public import QuirkKit
import SMTPWire

/// A host that offers STARTTLS (RFC 3207) and cannot do it. Clear text is better than no delivery, where nothing more is demanded.
public struct BrokenSTARTTLS: Quirk {
    public let description = QuirkDescription(
        name: "broken-starttls",
        repairs: "offers STARTTLS and cannot do it: uses clear text, where the rule is opportunistic",
        detection: "STARTTLS is refused; the handshake stalls, fails or is closed, with old TLS too; or EHLO and HELO over TLS come to nothing",
        options: [],
        evidence: ["Q-30", "Q-31", "Q-33", "RFC 3207 §4", "RFC 7435 §3"],
        stage: .ehlo)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.tls = .clear } }

    public let watches = Watches([.tlsFailed], at: [.tls])

    /// The last of the catalogue to be asked: a handshake that failed with modern TLS comes here only where `legacy-tls` is ignored.
    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard case .tlsFailed(let failure) = seen.answer, facts.workarounds.tls != .clear else { return nil }
        let isPassing =
            switch failure.kind {
            case .reply(400..<500), .hello(.some(400..<500)): true
            case .reply, .garbled, .handshake, .closed, .hello, .stalled, .ours: false
            }
        return Diagnosis(retry: .onNewConnection, counts: isPassing ? nil : .forceable, because: "STARTTLS is offered and does not work")
    }

    public let acquittals = Watches([.accepted], at: [.tls])

    public func acquits(_ seen: Observation, _ facts: Facts) -> Bool { true }
}
