public import QuirkKit

/// A host that greets with a 5xx for what is no verdict for good: one of several that is switched off, or busy.
public struct SoftGreeting: Quirk {
    public let description = QuirkDescription(
        name: "soft-greeting",
        repairs: "greets with a 5xx what may pass: tells the gateway 421, so that it tries again or elsewhere",
        detection: "whether a host means it, no greeting tells",
        options: [],
        evidence: ["Q-01", "RFC 5321 §3.1", "RFC 7504"],
        stage: .connect, isFound: false)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.replies = [.softensGreeting] } }

    public let watches = Watches.none

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? { nil }
}
