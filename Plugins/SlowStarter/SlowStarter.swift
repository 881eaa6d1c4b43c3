public import QuirkKit

/// A host that does not greet until it is spoken to. RFC 5321 §3.1 has the server speak first.
public struct SlowStarter: Quirk {
    public let description = QuirkDescription(
        name: "slow-starter",
        repairs: "does not greet until it is spoken to: greets the gateway in its place, and says its EHLO first",
        detection: "a host that waits looks like one that is slow, and to speak first is what spam does",
        options: [
            OptionDescription("after", .seconds(1...300), standard: .seconds(5), meaning: "so long its greeting is waited for")
        ],
        evidence: ["Q-03", "RFC 5321 §3.1", "RFC 5321 §4.3.1"],
        stage: .connect, isFound: false)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.speaksFirst = options.seconds("after") ?? 5 } }

    public let watches = Watches.none

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? { nil }
}
