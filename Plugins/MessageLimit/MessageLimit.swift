public import QuirkKit
import SMTPWire

/// A host that takes so many messages on a connection and no more: one (shape B), or a limit (shapes D and E). Each further message gets a new connection.
public struct MessageLimit: Quirk {
    public let description = QuirkDescription(
        name: "message-limit",
        repairs: "takes only so many messages on one connection: opens a new connection for what is beyond",
        detection: "after a completed message: 503 to MAIL that RSET does not cure, 421 or a text about this connection or session, or a close",
        options: [
            OptionDescription("messages", .integer(1...1_000_000), standard: .integer(1), meaning: "MAIL commands on one connection, at most")
        ],
        evidence: ["Q-50", "Q-80", "Q-84", "Microsoft Q202765", "RFC 9422 (LIMITS MAILMAX)", "docs/quirks.md 2.2"],
        stage: .mail)

    public init() {}

    public func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.messages = options.integer("messages") ?? 1 } }

    public let watches = Watches([.refused, .closed], at: [.mail, .rcpt, .data, .chunk, .reset, .idle, .other])

    public func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard facts.messages > 0 else { return self.recipientsOfConnection(seen, facts) }
        return switch seen.answer {
        case .closed(let delay): self.closed(after: delay, seen.sent, facts)
        case .reply(let reply): seen.sent.flatMap { self.refused(reply, $0, facts) }
        case .tlsFailed, .timedOut, .garbled, .unsolicited: nil
        }
    }

    /// The connection had its share of recipients, though none of its messages was taken. Nothing is learned: it is no limit of messages.
    private func recipientsOfConnection(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        guard case .reply(let reply) = seen.answer, case .rcpt? = seen.sent?.body, facts.mailAccepted, facts.recipientsBefore > 0,
            reply.saysTooManyRecipientsOfSession
        else { return nil }
        return self.diagnosis(max(1, facts.mailsBefore), nil, "recipients of this connection, transactions before had their share")
    }

    /// Only a close right behind the last reply is evidence, and only between messages; every other is an idle time-out or its time being over,
    /// repaired without a word.
    private func closed(after delay: Duration, _ command: Command?, _ facts: Facts) -> Diagnosis? {
        guard command?.mayBeSaidAgain(given: facts) ?? true else { return nil }
        let isBetween = command?.startsTransaction ?? !facts.mailAccepted
        let limit = facts.mailsBefore(command)
        return self.diagnosis(
            limit, isBetween && delay <= .seconds(2) && !facts.followsRefusal ? self.counting(needed: 2, limit) : nil,
            "the connection was closed after a completed message")
    }

    private func refused(_ reply: Reply, _ command: Command, _ facts: Facts) -> Diagnosis? {
        if self.isLimit(reply, command, facts) {
            let limit = facts.mailsBefore(command)
            let isEvidence = !reply.speaksOfIdleness && command.beginsWhatIsRefused(given: facts)
            return self.diagnosis(limit, isEvidence ? self.counting(needed: 2, limit) : nil, "a limit of this connection")
        }
        if case .rset = command.body {
            guard !reply.isPolicy else { return nil }
            return self.diagnosis(
                facts.mails, reply.isPermanent ? self.counting(needed: 1, facts.mails, isProbed: true) : nil,
                "RSET was refused after a completed message")
        }
        guard command.isRefusedOutOfTurn(given: facts) else { return nil }
        guard reply.isSequenceError else { return self.suspected(reply, command, facts) }
        // Where RSET was tried, the same MAIL was sent twice.
        let limit = min(facts.mailsBefore, facts.messages)
        return self.diagnosis(
            limit, self.counting(needed: 1, limit, isProbed: command.startsTransaction), "refused after a completed message, and RSET does not help")
    }

    /// 500 and 501 are of the command itself, unless the same sender is welcome as the first of a connection, and another one too.
    private func suspected(_ reply: Reply, _ command: Command, _ facts: Facts) -> Diagnosis? {
        guard [500, 501].contains(reply.code), !reply.isPolicy, !facts.transactionLeftOpen, case .mail = command.body else { return nil }
        return Diagnosis(
            ["messages": .integer(1)], retry: .none,
            counts: Counting(needed: 2, lasts: 3 * 86_400, ending: .expires, doubt: .reuse(past: 1), confirmedBySender: true),
            because: "refused behind a completed message, perhaps for that")
    }

    /// A limit in words; 421 to what begins a transaction, where it is no policy; and within one, where nothing was transferred yet, 421 because time is over.
    private func isLimit(_ reply: Reply, _ command: Command, _ facts: Facts) -> Bool {
        if reply.isLimitOfSession(at: command) { return true }
        if command.startsTransaction { return reply.code == 421 && !reply.isPolicy }
        return reply.isEndOfTime && command.mayBeSaidAgain(given: facts)
    }

    private func diagnosis(_ messages: Int, _ counting: Counting?, _ because: String) -> Diagnosis {
        Diagnosis(["messages": .integer(max(1, messages))], retry: .onNewConnection, counts: counting, because: because)
    }

    private func counting(needed: Int, _ messages: Int, isProbed: Bool = false) -> Counting {
        Counting(
            needed: needed, ending: isProbed ? .probed(hourly: false) : .expires, doubt: .reuse(past: max(1, messages)),
            replaces: .smaller(option: "messages"))
    }

    public let acquittals = Watches([.accepted], at: [.mail])

    public func acquits(_ seen: Observation, _ facts: Facts) -> Bool { facts.messages > 0 }
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
