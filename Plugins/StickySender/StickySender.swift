public import QuirkKit
import SMTPWire

/// A host that forgets to clear the sender after the end of data, and so answers the next `MAIL` with 503. `RSET` cures it.
public struct StickySender: Quirk {
    public let description = QuirkDescription(
        name: "sticky-sender",
        repairs: "answers the second MAIL of a connection with 503, unless RSET comes before it: sends RSET first",
        detection: "503 (500 or 501 of that meaning) to MAIL, RCPT or DATA after a completed message, which RSET and the same envelope again cure",
        options: [],
        evidence: ["Q-50", "Microsoft Q202765", "RFC 5321 §4.1.1.5"],
        stage: .mail)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.resetsBeforeMail = true } }

    public let watches = Watches([.refused], at: [.mail, .rcpt, .data, .chunk])

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard case .reply(let reply) = seen.answer, reply.isSequenceError, let sent = seen.sent, sent.isRefusedOutOfTurn(given: facts),
            !facts.followsReset
        else { return nil }
        // A probe at what comes later than MAIL would cost a message: it could not be repaired.
        let counting = Counting(
            needed: 1, ending: seen.moment == .mail ? .probed(hourly: false) : .expires, doubt: .reuse(past: 1))
        return Diagnosis(retry: .here, counts: counting, because: "refused after a completed message, without RSET between")
    }

    public let acquittals = Watches([.accepted], at: [.mail])

    public func acquits(_ seen: Observation, _ facts: Facts) -> Bool { facts.messages > 0 }
}
