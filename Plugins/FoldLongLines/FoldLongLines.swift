public import QuirkKit

/// A host that refuses or breaks lines of more than 998 octets (RFC 5321 §4.5.3.1.6), behind a gateway that sends some.
public struct FoldLongLines: Quirk {
    public let description = QuirkDescription(
        name: "fold-long-lines",
        repairs:
            "refuses or breaks long lines in a message: folds them, at blanks where there are some; signatures over such lines break",
        detection: "a refusal comes when the content has gone, too late for that message",
        options: [
            OptionDescription(
                "length", .integer(64...998), standard: .integer(998),
                meaning: "octets of a line before its CRLF, at most")
        ],
        evidence: ["Q-70", "RFC 5321 §4.5.3.1.6", "RFC 5322 §2.1.1", "RFC 6376 §3.4"],
        stage: .mail, isFound: false)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds {
        Workarounds { $0.content = [.foldsLines(options.integer("length") ?? 998)] }
    }

    public let watches = Watches.none

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? { nil }
}
