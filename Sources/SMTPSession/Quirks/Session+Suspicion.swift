import QuirkKit
import SMTPWire

/// What quirks make of what cannot be repaired any more: content has gone (law 2), or nobody waits.
///
/// What the diagnosis says holds from the next `MAIL` on. It is a suspicion until a message was taken that way.
extension Session {
    /// True: a quirk recognises itself.
    @discardableResult
    mutating func suspect(_ answer: Answer, at command: Command) -> Bool {
        guard let (name, diagnosis) = self.diagnosis(of: Observation(answer, to: command), isTooLate: true) else { return false }
        // What could have been repaired is one's own only where the order of commands is in question.
        if diagnosis.retry != .none { guard case .reply(let reply) = answer, reply.isSequenceError else { return false } }
        self.transaction?.credit(name)
        self.log(
            .repair(
                .init(
                    quirk: name, connection: self.remote.connection.number, sent: command.text, reply: answer.words, action: "451",
                    outcome: "handed back", because: diagnosis.because)))
        let cause = Cause(name, diagnosis, command, answer, entry: nil, isExcused: self.remote.connection.transactionLeftOpen)
        guard let finding = cause.finding else { return true }
        // Each session counts that saw it, also where none follows to prove it; but one alone is proof only with a message that was taken.
        if diagnosis.retry == .none, !finding.counting.isConclusive { self.note(.found(finding)) }
        self.assume(name, diagnosis.options)
        self.remote.suspicion = cause
        return true
    }

    /// A failure in the middle of content, or at its end.
    mutating func suspect(_ answer: Answer?, behind exchange: Exchange?) {
        guard let answer, let exchange, case .chunk = exchange.purpose else { return }
        self.suspect(answer, at: exchange.command)
    }

    /// What came while nothing was owed, or cannot be acted upon: it may count.
    mutating func count(_ answer: Answer, to command: Command? = nil) {
        guard let (name, diagnosis) = self.diagnosis(of: Observation(answer, to: command), isTooLate: true), diagnosis.retry == .none,
            let finding = Cause(name, diagnosis, command, answer, entry: nil).finding
        else { return }
        self.proved(finding)
    }
}
