public import QuirkKit

/// A host that wants another name behind EHLO or HELO than the gateway has, or one where the gateway gives none
/// (RFC 5321 §4.1.1.1).
public struct HeloName: Quirk {
    public let description = QuirkDescription(
        name: "helo-name",
        repairs: "does not like the gateway's name behind EHLO or HELO: says the configured one",
        detection: "which name would be right no reply tells",
        options: [
            OptionDescription("value", .text(.helloName), standard: nil, meaning: "the name behind EHLO and HELO")
        ],
        evidence: ["Q-19", "Q-20", "Microsoft KB 240832", "RFC 5321 §4.1.1.1"],
        stage: .ehlo, isFound: false)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds {
        Workarounds { $0.helloName = options.string("value") }
    }

    public let watches = Watches.none

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? { nil }
}
