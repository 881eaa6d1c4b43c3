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
        case answered
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
        self.transaction?.credit(name)
        switch decision {
        case .pass: return .send(command)
        case .rewrite(let other, let because):
            self.log(.quirk(name: name, connection: self.link.number, did: "sent \(other.text)", because: because))
            return .send(other)
        case .answer(let reply, let because):
            self.log(.quirk(name: name, connection: self.link.number, did: "answered \(reply.line)", because: because))
            self.tell(reply)
            return .answered
        case .precede(let other, let because):
            guard isMail else { return .send(command) }
            self.note(.used(quirk: name))
            self.log(.quirk(name: name, connection: self.link.number, did: "sent \(other.text) before \(command.text)", because: because))
            return .sendBehind(other, command)
        }
    }

    /// For commands before which nothing can be sent; nil: answered here.
    mutating func consulted(_ command: Command) -> Command? {
        switch self.consult(command) {
        case .send(let final), .sendBehind(_, let final): final
        case .answered, .asking: nil
        }
    }
}
