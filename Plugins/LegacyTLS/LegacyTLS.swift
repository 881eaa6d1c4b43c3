public import QuirkKit
public import SMTPWire

/// A host whose TLS is of another age: only TLS 1.0 or 1.1 (RFC 8996), old ciphers, small keys. Old TLS is better than none, where nothing more is demanded.
public struct LegacyTLS: Quirk {
    public static let description = QuirkDescription(
        name: "legacy-tls",
        repairs: "knows only old TLS (1.0, 1.1, old ciphers, small keys): allows it, where the rule is opportunistic",
        detection: "the handshake fails or the connection is closed in it, and with old TLS allowed it stands",
        options: [],
        evidence: ["Q-31", "Q-32", "RFC 8996", "RFC 7435 §3"],
        stage: .ehlo)

    public static let hooks: Hooks = [.tls]

    private let isApplied: Bool

    public init(_ activation: Activation) {
        switch activation {
        case .watching: self.isApplied = false
        case .applied: self.isApplied = true
        }
    }

    public func firstRung(given facts: Facts) -> Rung { self.isApplied ? .legacy : .modern }

    public mutating func decide(on answer: Answer, to command: Command?, given facts: Facts) -> ReplyDecision {
        guard case .tlsFailed(let failure) = answer, facts.rung == .modern, failure.kind == .handshake || failure.kind == .closed else {
            return .pass
        }
        let finding = Finding(QuirkSetting(Self.name), .legacyTLS, weakenedBy: failure)
        return .recover(.legacyTLS, finding: finding, because: "no TLS of today with this host, perhaps an old one")
    }
}
