public import QuirkKit
import SMTPWire

/// A host that answers the next MAIL with 450 while it is busy with the message before, for as long as the connection lives.
public struct StillBusy: Quirk {
    public let description = QuirkDescription(
        name: "still-busy",
        repairs: "is busy with the last message of a connection until that is closed: one message a connection",
        detection: "450 to MAIL, in words about the last message, after a completed message",
        options: [],
        evidence: ["https://postmaster.example.net/errors, read 2026-03-02"],
        stage: .mail)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.messages = 1 } }

    public let watches = Watches([.refused], at: [.mail])

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard case .reply(let reply) = seen.answer, reply.code == 450, facts.messages > 0, !reply.isPolicy,
            reply.text.lowercased().contains("busy with your last message")
        else { return nil }
        return Diagnosis(
            retry: .onNewConnection, counts: Counting(needed: 2, ending: .probed(hourly: false), doubt: .reuse(past: 1)),
            because: "busy with the last message")
    }

    public let acquittals = Watches([.accepted], at: [.mail])

    public func acquits(_ seen: Observation, _ facts: Facts) -> Bool { facts.messages > 0 }
}
