public import QuirkKit
public import SMTPWire

/// A host that offers STARTTLS (RFC 3207) and cannot do it. Clear text is better than no delivery, where nothing more is demanded.
public struct BrokenSTARTTLS: Quirk {
    public static let description = QuirkDescription(
        name: "broken-starttls",
        repairs: "offers STARTTLS and cannot do it: uses clear text, where the rule is opportunistic",
        detection: "STARTTLS is refused; the handshake stalls, fails or is closed, with old TLS too; or EHLO and HELO over TLS come to nothing",
        options: [],
        evidence: ["Q-30", "Q-31", "Q-33", "RFC 3207 §4", "RFC 7435 §3"],
        stage: .ehlo)

    public static let hooks: Hooks = [.tls]

    private let isApplied: Bool

    public init(_ activation: Activation) {
        switch activation {
        case .watching: self.isApplied = false
        case .applied: self.isApplied = true
        }
    }

    public func firstRung(given facts: Facts) -> Rung { self.isApplied ? .clear : .modern }

    /// The last of the catalogue to be asked: a handshake that failed with modern TLS comes here only where `legacy-tls` is ignored.
    public mutating func decide(on answer: Answer, to command: Command?, given facts: Facts) -> ReplyDecision {
        guard case .tlsFailed(let failure) = answer, facts.rung != .clear else { return .pass }
        return .recover(.clearText, finding: self.finding(failure), because: "STARTTLS is offered and does not work")
    }

    private func finding(_ failure: TLSFailure) -> Finding? {
        switch failure.kind {
        case .reply(400..<500), .hello(.some(400..<500)): return nil
        case .reply, .garbled, .handshake, .closed, .hello, .stalled, .ours: return Finding(QuirkSetting(Self.name), .brokenTLS, weakenedBy: failure)
        }
    }
}
