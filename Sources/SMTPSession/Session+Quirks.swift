import QuirkKit
import SMTPWire

/// What quirks are told, and what becomes of their word about a command.
extension Session {
    var facts: Facts {
        Facts(
            connection: self.link.number, mails: self.link.mails, messages: self.link.messages, isReused: self.link.isReused,
            followsReset: self.link.endsInReset, isUnclean: self.link.isUnclean, mailAccepted: self.transaction?.mail == .accepted,
            recipientsAccepted: self.transaction?.accepted ?? 0, keywords: self.link.keywords, tried: self.transaction?.tried ?? [], rung: self.rung)
    }

    /// For judging a reply: of this transaction's `MAIL`, what came before it.
    var factsOfReply: Facts {
        var facts = self.facts
        facts.followsReset = self.link.mailFollowedReset
        return facts
    }

    enum Consultation {
        case send(Command)
        /// Only for `MAIL`.
        case sendBehind(Command, Command)
        /// To be told, in place of the remote's reply.
        case answer(Reply)
        /// Leave to probe is awaited; only for `MAIL`.
        case asking
    }

    mutating func consult(_ command: Command) -> Consultation {
        guard !self.quirks.hooks.isDisjoint(with: [.commands, .mail]), let (name, decision) = self.quirks.decide(on: command, given: self.facts)
        else { return .send(command) }
        let isMail = if case .mail = command.body { true } else { false }
        if isMail {
            switch self.leave(toDoWithout: name) {
            case .ask:
                self.askProbe(name)
                return .asking
            case .granted: return .send(command)
            case .none: break
            }
        }
        guard decision.isAllowed(for: command) else { return .send(command) }
        self.transaction?.credit(name)
        switch decision {
        case .pass: return .send(command)
        case .rewrite(let other, let because):
            self.log(.quirk(name: name, connection: self.link.number, did: "sent \(other.text)", because: because))
            return .send(other)
        case .answer(let reply, let because):
            self.log(.quirk(name: name, connection: self.link.number, did: "answered \(reply.line)", because: because))
            return .answer(reply)
        case .precede(let other, let because):
            self.note(.used(quirk: name))
            self.log(.quirk(name: name, connection: self.link.number, did: "sent \(other.text) before \(command.text)", because: because))
            return .sendBehind(other, command)
        }
    }

    /// For commands before which nothing can be sent; nil: answered here.
    mutating func consulted(_ command: Command) -> Command? {
        switch self.consult(command) {
        case .send(let final), .sendBehind(_, let final): return final
        case .answer(let reply):
            if case .rcpt(let recipient) = command.body, reply.code >= 400 { self.refuse(recipient, reply) } else { self.tell(reply) }
            self.lastWords(reply, disconnects: false)
            return nil
        case .asking: return nil
        }
    }
}

extension CommandDecision {
    /// A quirk may say a command differently, refuse it, or answer what no message depends on. Anything else would break a law, and is left undone.
    fileprivate func isAllowed(for command: Command) -> Bool {
        switch self {
        case .pass: true
        case .rewrite(let other, _): other.isSaying(command)
        case .answer(let reply, _): !reply.isIntermediate && (!reply.isPositive || command.concernsNoMessage)
        case .precede(let other, _): if case .mail = command.body { other.concernsNoMessage } else { false }
        }
    }
}

extension Command {
    /// Whether it is the same command in other words.
    fileprivate func isSaying(_ other: Command) -> Bool {
        switch (self.body, other.body) {
        case (.mail, .mail), (.rcpt, .rcpt), (.ehlo, .ehlo), (.helo, .helo), (.vrfy, .vrfy), (.expn, .expn), (.help, .help), (.noop, .noop): true
        case (let one, let another): one == another
        }
    }

    /// Whether it may go or stay without any difference to a message.
    fileprivate var concernsNoMessage: Bool {
        switch self.body {
        case .rset, .noop, .vrfy, .expn, .help, .other: true
        case .ehlo, .helo, .mail, .rcpt, .data, .bdat, .quit, .starttls, .auth, .malformed: false
        }
    }
}
