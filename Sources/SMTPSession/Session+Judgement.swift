import NIOCore
import QuirkKit
import SMTPWire

/// What is made of an answer: passed on, or taken for a quirk's doing and repaired.
extension Session {
    enum Judgement {
        case pass(Reply, disconnects: Bool)
        case repaired
    }

    /// Asks whether an answer is a quirk's doing, and begins the repair where it is.
    mutating func judge(_ answer: Answer, to command: Command?, entry: Int?) -> Judgement {
        let reply = if case .reply(let reply) = answer { reply } else { self.lost("connection closed") }
        if let recovery = self.recoveryOfOpenTransaction(answer, entry: entry) {
            let because = "the transaction before was left open or failed, and the gateway sent no RSET"
            self.recover(recovery, Cause(quirk: nil, finding: nil, sent: command?.text ?? "", reply: answer.words, because: because, entry: entry))
            return .repaired
        }
        guard !self.quirks.hooks.isDisjoint(with: answer.hooks),
            let (name, decision) = self.quirks.decide(on: answer, to: command, given: self.factsOfReply)
        else { return .pass(reply, disconnects: false) }
        switch decision {
        case .pass: return .pass(reply, disconnects: false)
        case .rewrite(let other, let because):
            // Only the remote accepts, and only it invites (laws 1 and 4).
            guard !other.isIntermediate, !other.isPositive || reply.isPositive else { return .pass(reply, disconnects: false) }
            self.transaction?.credit(name)
            self.log(.quirk(name: name, connection: self.link.number, did: "told \(other.line) for \(reply.line)", because: because))
            return .pass(other.ofRemote, disconnects: false)
        case .learn(let finding, _):
            self.note(.found(finding))
            return .pass(reply, disconnects: false)
        case .suspect(let finding, _):
            self.note(.suspected(finding))
            return .pass(reply, disconnects: false)
        case .disconnect(let because):
            self.log(.quirk(name: name, connection: self.link.number, did: "used this connection no more", because: because))
            return .pass(reply, disconnects: true)
        case .recover(let recovery, let finding, let because):
            guard recovery == .reset || recovery == .reconnect, let transaction = self.transaction, !transaction.contentBegan,
                transaction.failed == nil, !transaction.tried.contains(recovery)
            else { return .pass(reply, disconnects: false) }
            self.recover(
                recovery,
                Cause(
                    quirk: name, finding: self.link.isUnclean ? nil : finding, sent: command?.text ?? "", reply: answer.words, because: because,
                    entry: entry))
            return .repaired
        }
    }

    /// What a quirk makes of an answer that comes between transactions: kept until the next `MAIL`; or between two commands of an envelope: until the next.
    /// - Parameter entry: the place in the envelope of what is refused so; nil: what comes behind it.
    mutating func cause(_ answer: Answer, to command: Command?, entry: Int? = 0) -> Cause? {
        guard case (let name, .recover(.reconnect, let finding, let because))? = self.quirks.decide(on: answer, to: command, given: self.facts) else {
            return nil
        }
        return Cause(
            quirk: name, finding: self.link.isUnclean ? nil : finding, sent: command?.text ?? "", reply: answer.words, because: because, entry: entry)
    }

    /// Shape C: a 503 to `MAIL` is right where the transaction before was left open or failed. Nothing is learned from it.
    private func recoveryOfOpenTransaction(_ answer: Answer, entry: Int?) -> Recovery? {
        guard case .reply(let reply) = answer, reply.isSequenceError, entry == 0, self.link.isUnclean,
            let transaction = self.transaction
        else { return nil }
        if !transaction.tried.contains(.reset), !self.link.mailFollowedReset { return .reset }
        return transaction.tried.contains(.reconnect) ? nil : .reconnect
    }
}

extension Answer {
    /// As it stands in evidence and log.
    var words: String {
        switch self {
        case .reply(let reply): reply.line
        case .closed: "(closed)"
        case .tlsFailed(let failure): failure.because
        }
    }
}
