public import QuirkKit

/// A host whose 220 or 354 has several lines, in front of a gateway that cannot read them. RFC 5321 §4.2.1 allows it.
public struct OneLineReplies: Quirk {
    public let description = QuirkDescription(
        name: "one-line-replies",
        repairs: "says 220 or 354 in several lines, which the gateway cannot read: tells it in one",
        detection: "what the gateway cannot read it does not say",
        options: [],
        evidence: ["Q-07", "Q-76", "Microsoft KB 912341", "RFC 5321 §4.2.1"],
        stage: .connect, isFound: false)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.replies = [.joinsLines] } }

    public let watches = Watches.none

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? { nil }
}
