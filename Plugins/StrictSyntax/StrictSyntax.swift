public import QuirkKit
import SMTPWire

/// A host that reads `MAIL` and `RCPT` by the letter of RFC 5321 §4.1.1, behind a gateway that does not write them so.
public struct StrictSyntax: Quirk {
    public let description = QuirkDescription(
        name: "strict-syntax",
        repairs: "refuses a MAIL or RCPT with blanks or without angle brackets: says it in the grammar of RFC 5321",
        detection: "500, 501 or 555 to a MAIL or RCPT that is not in that grammar, and in it it is accepted",
        options: [],
        evidence: ["RFC 5321 §4.1.1.2", "RFC 5321 §4.1.1.3", "RFC 5321 §4.1.2", "Q-20"],
        stage: .mail)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.strictSyntax = true } }

    public let watches = Watches([.refused], at: [.mail, .rcpt])

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard case .reply(let reply) = seen.answer, let sent = seen.sent, sent.strict != sent, reply.mayRefuseSyntax,
            !sent.parameters.contains(where: reply.names),
            !(sent.isRefusedOutOfTurn(given: facts) && reply.isSequenceError)
        else { return nil }
        return Diagnosis(
            retry: .here, counts: Counting(needed: 2, ending: .probed(hourly: false), eachSenderOnce: true),
            because: "refused where it is not in the grammar of RFC 5321")
    }

    public let acquittals = Watches([.accepted], at: [.mail, .rcpt])

    public func acquits(_ seen: Observation, _ facts: Facts) -> Bool { seen.sent.map { $0.strict != $0 } ?? false }
}
