public import QuirkKit
import SMTPWire

/// A host that takes so many recipients of one message, and refuses the next for good instead of for now (RFC 5321 §4.5.3.1.10: 452).
public struct RecipientLimit: Quirk {
    public let description = QuirkDescription(
        name: "recipient-limit",
        repairs: "refuses for good what is beyond its limit of recipients: tells the gateway 452 for the rest, which it sends in another transaction",
        detection: "550, 552, 554 with x.5.3 or words about too many recipients, or a close, at RCPT after others were accepted",
        options: [
            OptionDescription("recipients", .integer(1...50_000), standard: .integer(100), meaning: "recipients of one message, at most")
        ],
        evidence: ["Q-51", "Q-52", "RFC 5321 §4.5.3.1.10", "RFC 9422 (LIMITS RCPTMAX)"],
        stage: .rcpt)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.recipients = options.integer("recipients") ?? 100 } }

    public func caution(_ options: Options) -> String? {
        guard let limit = options.integer("recipients"), limit < 10 else { return nil }
        let transactions = (50 + limit - 1) / limit
        return "50 recipients take \(transactions) transactions; a gateway that puts off what hears 452 needs as many runs of its queue"
    }

    public let watches = Watches([.refused, .closed], at: [.rcpt])

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        let accepted = facts.recipientsAccepted
        guard accepted > 0 else { return nil }
        switch seen.answer {
        case .reply(let reply):
            guard [550, 552, 554].contains(reply.code), reply.saysTooManyRecipientsOfMessage else { return nil }
            let told = Reply(452, "4.5.3 too many recipients of one message: the host takes \(accepted)")
            return self.diagnosis(accepted, .none, tells: told, "refused for good, after other recipients of the message were accepted")
        case .closed(let delay):
            guard delay <= .seconds(2) else { return nil }
            return self.diagnosis(accepted, .onNewConnection, "the connection was closed at a recipient, after others were accepted")
        case .tlsFailed, .timedOut, .garbled, .unsolicited: return nil
        }
    }

    private func diagnosis(_ recipients: Int, _ retry: Retry, tells: Reply? = nil, _ because: String) -> Diagnosis {
        Diagnosis(
            ["recipients": .integer(recipients)], retry: retry, tells: tells,
            counts: Counting(
                needed: 2, ending: .raised(option: "recipients"), replaces: .smaller(option: "recipients")), because: because)
    }
}
