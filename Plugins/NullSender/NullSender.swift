public import QuirkKit
import SMTPWire

/// A host that refuses the null reverse-path, which every host has to take (RFC 5321 §4.5.5, §6.1), so that bounces
/// never arrive.
public struct NullSender: Quirk {
    public let description = QuirkDescription(
        name: "null-sender",
        repairs: "refuses MAIL FROM:<>: says it once more with the configured address, which has to discard what comes",
        detection: "a 5xx to MAIL FROM:<>, where a rule gives an address for it",
        options: [
            OptionDescription(
                "value", .text(.mailbox), standard: nil,
                meaning: "the sender in place of <>; it has to discard whatever comes, or bounces loop")
        ],
        evidence: ["Q-55", "RFC 5321 §4.5.5", "RFC 5321 §6.1", "RFC 3464"],
        stage: .mail, isFound: false)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds {
        Workarounds { $0.nullSender = options.string("value") }
    }

    public let watches = Watches([.refused], at: [.mail])

    /// Only where a rule has it: an address that nobody chose would get the host's bounces.
    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard facts.workarounds.nullSender != nil, case .reply(let reply) = seen.answer, reply.isPermanent,
            case .mail(let mail)? = seen.sent?.body,
            mail.reversePath.isEmpty, reply.mayRefuseSender
        else { return nil }
        return Diagnosis(retry: .here, counts: nil, because: "the null sender is refused")
    }

    public func caution(_ options: Options) -> String? {
        guard let value = options.string("value") else { return nil }
        return
            "<\(value)> has to discard whatever is sent to it: a bounce of a bounce that were delivered or returned there would loop"
    }
}
