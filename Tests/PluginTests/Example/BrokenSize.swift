public import QuirkKit
public import SMTPWire

/// A host that offers SIZE (RFC 1870), and refuses a MAIL that has it.
public struct BrokenSize: Quirk {
    public static let description = QuirkDescription(
        name: "broken-size",
        repairs: "refuses a MAIL with the SIZE that it offers: leaves the parameter out",
        detection: "501, 504 or 555 to a MAIL with SIZE, in words about SIZE, from two connections",
        options: [],
        evidence: ["https://postmaster.example.net/errors, read 2026-03-02"],
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
        guard self.isApplied, let mail = command.mailWithSize else { return .pass }
        return .rewrite(mail.without(["SIZE"]).command, because: "the host refuses the SIZE that it offers")
    }

    public mutating func decide(on answer: Answer, to command: Command?, given facts: Facts) -> ReplyDecision {
        guard case .reply(let reply) = answer, [501, 504, 555].contains(reply.code), reply.text.uppercased().contains("SIZE"),
            let command, command.mailWithSize != nil, facts.keywords?.contains("SIZE") == true
        else { return .pass }
        let finding = Finding(
            quirk: QuirkSetting(Self.name), shape: .refusal, sent: command.text, reply: reply.line, needed: 2, heals: false)
        return .learn(finding, because: "a MAIL with the SIZE that the host offers was refused")
    }
}

extension Command {
    fileprivate var mailWithSize: Mail? {
        guard case .mail(let mail) = self.body, mail.parameter("SIZE") != nil else { return nil }
        return mail
    }
}
