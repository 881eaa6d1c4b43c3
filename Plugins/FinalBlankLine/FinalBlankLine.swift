public import QuirkKit

/// A host that wants a blank line at the end of a message, and loses or merges messages without one.
public struct FinalBlankLine: Quirk {
    public let description = QuirkDescription(
        name: "final-blank-line",
        repairs: "wants a blank line at the end of a message: adds one where there is none; some signatures break",
        detection: "what the host does to a message without one no reply tells",
        options: [],
        evidence: ["Q-75", "sendmail's mailer flag b", "RFC 6376 §3.4"],
        stage: .mail, isFound: false)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.content = [.endsWithBlankLine] } }

    public let watches = Watches.none

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? { nil }
}
