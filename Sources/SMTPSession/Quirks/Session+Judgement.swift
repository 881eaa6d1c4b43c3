import NIOCore
import QuirkKit
import SMTPWire

/// What is made of an answer: passed on, or taken for a quirk's doing and repaired.
extension Session {
    enum Judgement {
        case pass(Reply)
        case repaired
    }

    /// Asks whether an answer is a quirk's doing, and begins the repair where it is.
    /// - Parameters:
    ///   - command: as it was sent.
    ///   - entry: its place in the envelope.
    mutating func judge(_ answer: Answer, to command: Command?, entry: Int?) -> Judgement {
        let reply = if case .reply(let reply) = answer { reply } else { self.lost("connection closed") }
        if let retry = self.retryOfOpenTransaction(answer, entry: entry) {
            let because = "the transaction before was left open or failed, and the gateway sent no RSET"
            self.repair(
                retry, for: Cause(quirk: nil, diagnosis: nil, command: command, answer: answer, because: because, entry: entry, isExcused: true))
            return .repaired
        }
        guard let (name, diagnosis) = self.diagnosis(of: Observation(answer, to: command)) else { return .pass(reply) }
        let cause = Cause(name, diagnosis, command, answer, entry: entry, isExcused: self.remote.connection.transactionLeftOpen)
        guard diagnosis.retry != .none, !self.isTooLate(for: cause) else { return .pass(self.taken(cause, reply)) }
        guard let transaction = self.transaction, transaction.mayTry(diagnosis.retry, cause.setting) else { return .pass(reply) }
        self.repair(diagnosis.retry, for: cause)
        return .repaired
    }

    /// A recipient is not said again alone where DATA of the same group is on the wire: its reply passes.
    private func isTooLate(for cause: Cause) -> Bool {
        guard cause.diagnosis?.retry == .here, case .rcpt? = cause.command?.body, let setting = cause.setting,
            self.remote.connection.flight.contains(where: { $0.command.body == .data })
        else { return false }
        return !self.catalogue.workarounds(of: setting).resetsBeforeMail
    }

    /// Nothing is done again: what the diagnosis says is counted, and told where it says something to tell.
    private mutating func taken(_ cause: Cause, _ reply: Reply) -> Reply {
        if cause.diagnosis?.retry == Retry.none, let finding = cause.finding {
            if finding.counting.confirmedBySender { self.note(.suspected(finding)) } else { self.proved(finding) }
        }
        // Only the remote accepts, and only it invites (laws 1 and 4).
        guard let name = cause.quirk, let told = cause.diagnosis?.tells, told.code >= 400 else { return reply }
        self.transaction?.credit(name)
        self.log(.quirk(name: name, connection: self.remote.connection.number, did: "told \(told.line) for \(reply.line)", because: cause.because))
        return told
    }

    /// What a quirk makes of an answer that comes between transactions: kept until the next `MAIL`; or between two commands of an envelope: until the next.
    /// - Parameter entry: the place in the envelope of what is refused so; nil: what comes behind it.
    func cause(_ answer: Answer, to command: Command?, entry: Int? = 0) -> Cause? {
        guard let (name, diagnosis) = self.diagnosis(of: Observation(answer, to: command)), diagnosis.retry == .onNewConnection else { return nil }
        return Cause(name, diagnosis, command, answer, entry: entry, isExcused: self.remote.connection.transactionLeftOpen)
    }

    /// A 503 to `MAIL` is right where the transaction before was left open or failed (docs/quirks.md section 2, shape C). Nothing is learned from it.
    private func retryOfOpenTransaction(_ answer: Answer, entry: Int?) -> Retry? {
        guard case .reply(let reply) = answer, reply.isSequenceError, entry == 0, self.remote.connection.transactionLeftOpen,
            let transaction = self.transaction
        else { return nil }
        if transaction.mayTry(.here, nil), !self.remote.connection.mailFollowedReset { return .here }
        return transaction.mayTry(.onNewConnection, nil) ? .onNewConnection : nil
    }
}
