public import QuirkKit
public import SMTPWire

/// A host that forgets to clear the sender after the end of data, and so answers the next `MAIL` with 503 (shape A). `RSET` cures it.
public struct StickySender: Quirk {
    public static let description = QuirkDescription(
        name: "sticky-sender",
        repairs: "answers the second MAIL of a connection with 503, unless RSET comes before it: sends RSET first",
        detection: "503 (500 or 501 of that meaning) to MAIL, RCPT or DATA after a completed message, which RSET and the same envelope again cure",
        options: [],
        evidence: ["Q-50", "Microsoft Q202765", "RFC 5321 §4.1.1.5"],
        stage: .mail)

    public static let hooks: Hooks = [.mail, .refusals]

    private let isApplied: Bool

    public init(_ activation: Activation) {
        switch activation {
        case .watching: self.isApplied = false
        case .applied: self.isApplied = true
        }
    }

    public mutating func decide(on command: Command, given facts: Facts) -> CommandDecision {
        guard self.isApplied, facts.messages > 0, !facts.followsReset else { return .pass }
        return .precede(with: .rset, because: "the host keeps the sender of the message before")
    }

    public mutating func decide(on answer: Answer, to command: Command?, given facts: Facts) -> ReplyDecision {
        guard case .reply(let reply) = answer, reply.isSequenceError, let command, command.isRefusedOutOfTurn(given: facts),
            !facts.followsReset, !facts.tried.contains(.reset)
        else { return .pass }
        // A probe at what comes later would cost a message: it could not be repaired.
        let isMail = if case .mail = command.body { true } else { false }
        let finding = Finding(
            quirk: QuirkSetting(Self.name), shape: .stickySender, sent: command.text, reply: reply.line, needed: 1,
            heals: isMail)
        return .recover(.reset, finding: finding, because: "refused after a completed message, without RSET between")
    }
}
