public import QuirkKit
public import SMTPWire

/// A host that takes so many messages on a connection and no more: one (shape B), or a limit (shapes D and E). Each further message gets a new connection.
public struct MessageLimit: Quirk {
    public static let description = QuirkDescription(
        name: "message-limit",
        repairs: "takes only so many messages on one connection: opens a new connection for what is beyond",
        detection: "after a completed message: 503 to MAIL that RSET does not cure, 421 or a text about this connection or session, or a close",
        options: [
            OptionDescription("messages", .integer(1...1_000_000), standard: .integer(1), meaning: "MAIL commands on one connection, at most")
        ],
        evidence: ["Q-50", "Q-80", "Q-84", "Microsoft Q202765", "RFC 9422 (LIMITS MAILMAX)", "docs/quirks.md 2.2"],
        stage: .mail)

    public static let hooks: Hooks = [.reuse, .refusals]

    private let messages: Int?

    public init(_ activation: Activation) {
        switch activation {
        case .applied(let options): if case .integer(let messages)? = options["messages"] { self.messages = messages } else { self.messages = 1 }
        case .watching: self.messages = nil
        }
    }

    public func isSpent(given facts: Facts) -> String? {
        let limits = [self.messages, facts.keywords?.limits.mailMax].compactMap { $0 }.filter { $0 > 0 }
        guard let limit = limits.min(), facts.mails >= limit else { return nil }
        return "\(facts.mails) of \(limit) MAIL commands used"
    }

    public mutating func decide(on answer: Answer, to command: Command?, given facts: Facts) -> ReplyDecision {
        guard facts.messages > 0, !facts.tried.contains(.reconnect) else { return .pass }
        switch answer {
        case .closed(let delay): return self.closed(after: delay, command, facts)
        case .tlsFailed: return .pass
        case .reply(let reply): return command.map { self.refused(reply, $0, facts) } ?? .pass
        }
    }

    /// Shape E. Only a close right behind the last reply is evidence, and only between messages; every other is an idle time-out or its time being over,
    /// repaired without a word.
    private func closed(after delay: Duration, _ command: Command?, _ facts: Facts) -> ReplyDecision {
        guard command?.mayBeSaidAgain(given: facts) ?? true else { return .pass }
        let isBetween = command?.startsTransaction ?? !facts.mailAccepted
        let isEvidence = isBetween && delay <= .seconds(2)
        let finding = isEvidence ? self.finding(.silence, facts.mailsBefore(command), command, "(closed)", needed: 2) : nil
        return .recover(.reconnect, finding: finding, because: "the connection was closed after a completed message")
    }

    private func refused(_ reply: Reply, _ command: Command, _ facts: Facts) -> ReplyDecision {
        if self.isLimit(reply, command, facts) {
            let isEvidence = !reply.speaksOfIdleness && command.beginsWhatIsRefused(given: facts)
            let finding = isEvidence ? self.finding(.limit, facts.mailsBefore(command), command, reply.line, needed: 2) : nil
            return .recover(.reconnect, finding: finding, because: "a limit of this connection")
        }
        if case .rset = command.body {
            guard !reply.isPolicy else { return .pass }
            let finding = reply.isPermanent ? self.finding(.noReuse, facts.mails, command, reply.line, needed: 1) : nil
            return .recover(.reconnect, finding: finding, because: "RSET was refused after a completed message")
        }
        guard command.isRefusedOutOfTurn(given: facts) else { return .pass }
        guard reply.isSequenceError else { return self.suspected(reply, command, facts) }
        // Where RSET was tried, the same MAIL was sent twice.
        let before = facts.mails - (facts.tried.contains(.reset) ? 2 : 1)
        let finding = self.finding(.noReuse, min(before, facts.messages), command, reply.line, needed: 1)
        return .recover(.reconnect, finding: finding, because: "refused after a completed message, and RSET does not help")
    }

    /// 500 and 501 are of the command itself, unless the same sender is welcome as the first of a connection, and another one too.
    private func suspected(_ reply: Reply, _ command: Command, _ facts: Facts) -> ReplyDecision {
        guard [500, 501].contains(reply.code), !reply.isPolicy, !facts.isUnclean, case .mail(let mail) = command.body else { return .pass }
        let finding = Finding(
            quirk: QuirkSetting(Self.name, ["messages": .integer(1)]), shape: .noReuse, sent: command.text, reply: reply.line, needed: 2,
            heals: false,
            lasts: 3 * 86_400, sender: mail.reversePath)
        return .suspect(finding, because: "refused behind a completed message, perhaps for that")
    }

    /// A limit in words; 421 to what begins a transaction, where it is no policy; and within one, where nothing was transferred yet, 421 because time is over.
    private func isLimit(_ reply: Reply, _ command: Command, _ facts: Facts) -> Bool {
        if reply.isLimitOfSession(at: command) { return true }
        if command.startsTransaction { return reply.code == 421 && !reply.isPolicy }
        return reply.isEndOfTime && command.mayBeSaidAgain(given: facts)
    }

    private func finding(_ shape: Finding.Shape, _ messages: Int, _ command: Command?, _ reply: String, needed: Int) -> Finding {
        Finding(
            quirk: QuirkSetting(Self.name, ["messages": .integer(max(1, messages))]), shape: shape, sent: command?.text ?? "", reply: reply,
            needed: needed,
            heals: shape == .noReuse && command?.startsTransaction == true)
    }
}

extension Facts {
    /// The `MAIL` commands that passed before this answer: one whose `RCPT` or DATA was refused is beyond the limit too.
    fileprivate func mailsBefore(_ command: Command?) -> Int {
        switch command?.body {
        case .mail, .rcpt, .data, .bdat: self.mails - 1
        default: self.mails
        }
    }
}

extension Command {
    fileprivate var startsTransaction: Bool {
        switch self.body {
        case .mail, .rset: true
        default: false
        }
    }

    /// Whether a limit of messages would stop at it: not in the middle of an envelope.
    fileprivate func beginsWhatIsRefused(given facts: Facts) -> Bool {
        if case .rcpt = self.body { facts.recipientsAccepted == 0 } else { true }
    }

    /// Whether the envelope up to it can stand on another connection.
    fileprivate func mayBeSaidAgain(given facts: Facts) -> Bool {
        switch self.body {
        case .mail, .rset: true
        case .rcpt: facts.mailAccepted
        case .data: facts.recipientsAccepted > 0
        default: false
        }
    }
}
