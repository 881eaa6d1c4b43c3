public import QuirkKit
import SMTPWire

/// A host whose TLS is of another age: only TLS 1.0 or 1.1 (RFC 8996), old ciphers, small keys. Old TLS is better than none, where nothing more is demanded.
public struct LegacyTLS: Quirk {
    public let description = QuirkDescription(
        name: "legacy-tls",
        repairs: "knows only old TLS (1.0, 1.1, old ciphers, small keys): allows it, where the rule is opportunistic",
        detection: "the handshake fails or the connection is closed in it, and with old TLS allowed it stands",
        options: [],
        evidence: ["Q-31", "Q-32", "RFC 8996", "RFC 7435 §3"],
        stage: .ehlo)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.tls = .legacy } }

    public let watches = Watches([.tlsFailed], at: [.tls])

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard case .tlsFailed(let failure) = seen.answer, facts.workarounds.tls == .modern, failure.kind == .handshake || failure.kind == .closed
        else { return nil }
        return Diagnosis(
            retry: .onNewConnection, counts: .forceable, because: "no TLS of today with this host, perhaps an old one")
    }

    public let acquittals = Watches([.accepted], at: [.tls])

    public func acquits(_ seen: Observation, _ facts: Facts) -> Bool { true }
}
