public import QuirkKit
import SMTPWire

/// A host that refuses RSET, or hangs up at it, where no transaction is open (RFC 5321 §4.1.1.5: 250 at any time).
public struct RSETIntolerant: Quirk {
    public let description = QuirkDescription(
        name: "rset-intolerant",
        repairs: "refuses or punishes RSET: it is answered here, and what it would have ended is ended with the connection",
        detection: "4xx, 5xx or a close at a RSET outside a transaction, and on a new connection the next message is taken",
        options: [],
        evidence: ["Q-84", "https://github.com/haraka/Haraka/issues/2375"],
        stage: .mail)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.sendsReset = false } }

    public let watches = Watches([.refused, .closed], at: [.reset])

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard !facts.mailAccepted, !facts.transactionLeftOpen, facts.workarounds.sendsReset else { return nil }
        switch seen.answer {
        // Behind a completed message it may be the message that is in the way (message-limit), unless RSET itself is what is not known.
        case .reply(let reply):
            guard !reply.isPolicy, !reply.namesThisSession, [500, 502].contains(reply.code) || self.isFree(facts) else { return nil }
        case .closed(let delay): guard delay <= .seconds(2), self.isFree(facts), !facts.followsRefusal else { return nil }
        case .tlsFailed, .timedOut, .garbled, .unsolicited: return nil
        }
        return Diagnosis(
            retry: .onNewConnection, counts: Counting(needed: 2, ending: .probed(hourly: false)), because: "RSET was refused outside a transaction")
    }

    /// Whether no message before can be the reason.
    private func isFree(_ facts: Facts) -> Bool { facts.messages == 0 || facts.isReused }

    public let acquittals = Watches([.accepted], at: [.reset])

    public func acquits(_ seen: Observation, _ facts: Facts) -> Bool { true }
}
