public import QuirkKit

/// A host whose replies say another thing than they mean: the gateway hears them as a rule has them.
public struct ReplyRewrite: Quirk {
    public let description = QuirkDescription(
        name: "reply-rewrite",
        repairs: "says what it does not mean, or what the gateway cannot read: tells another reply, as the rule has it",
        detection: "what a host means, its replies do not tell",
        options: [
            OptionDescription(
                "on", .word(ReplyRule.Place.allCases.map(\.rawValue)), standard: .string("ANY"), meaning: "what the reply answers"),
            OptionDescription(
                "match", .pattern, standard: nil,
                meaning: "looked for in the code and the text of all lines, \"550 5.7.1 go away\"; (?i) in front ignores case"),
            OptionDescription(
                "code", .integer(400...599), standard: nil, isNeeded: false, meaning: "in place of a refusal's; 2xx and 3xx keep theirs"),
            OptionDescription(
                "enhanced", .text(.enhancedCode), standard: nil, isNeeded: false,
                meaning: "in place of the reply's, or in front of its text where it has none"),
            OptionDescription(
                "text", .text(.replyText), standard: nil, isNeeded: false, meaning: "in place of what stands behind the codes"),
        ],
        evidence: ["Q-40", "Q-41", "Q-56", "Q-91", "RFC 5321 §4.2", "RFC 3463"],
        stage: .connect, isFound: false, agreement: .replyRule, mayRepeat: true)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.replyRules = (try? [ReplyRule(options)]) ?? [] } }

    public func caution(_ options: Options) -> String? {
        guard let rule = try? ReplyRule(options), rule.mayReturnMail else { return nil }
        return "where it matches a 4xx, the gateway returns mail that it would have sent again; a match that begins with ^5 does not"
    }

    public let watches = Watches.none

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? { nil }
}
