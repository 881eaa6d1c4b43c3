import QuirkKit
import SMTPWire

/// Why a repair was begun. By reference, since few sessions ever have one, and each has room for six.
final class Cause: Sendable {
    /// The quirk's name; nil: the engine's own doing (a transaction left open, an idle close).
    let quirk: String?
    let diagnosis: Diagnosis?
    /// What failed, as it was sent.
    let command: Command?
    let answer: Answer
    let because: String
    /// The place in the envelope of the command that failed; nil: `DATA` or `BDAT`, or none at all.
    let entry: Int?
    /// Whether the refusal may be right: then it teaches nothing.
    let isExcused: Bool

    convenience init(_ quirk: String, _ diagnosis: Diagnosis, _ command: Command?, _ answer: Answer, entry: Int?, isExcused: Bool = false) {
        self.init(
            quirk: quirk, diagnosis: diagnosis, command: command, answer: answer, because: diagnosis.because, entry: entry, isExcused: isExcused)
    }

    init(quirk: String?, diagnosis: Diagnosis?, command: Command?, answer: Answer, because: String, entry: Int?, isExcused: Bool) {
        self.quirk = quirk
        self.diagnosis = diagnosis
        self.command = command
        self.answer = answer
        self.because = because
        self.entry = entry
        self.isExcused = isExcused
    }

    /// The same, and proved: a message was taken in the way that it speaks of.
    var confirmed: Cause {
        guard let diagnosis = self.diagnosis, diagnosis.retry == .none else { return self }
        let proved = Diagnosis(diagnosis.options, retry: .none, counts: diagnosis.counts?.conclusive, because: diagnosis.because)
        return Cause(
            quirk: self.quirk, diagnosis: proved, command: self.command, answer: self.answer, because: self.because, entry: self.entry,
            isExcused: self.isExcused)
    }

    var setting: QuirkSetting? {
        guard let quirk, let diagnosis else { return nil }
        return QuirkSetting(quirk, diagnosis.options)
    }

    /// What a success of the repair teaches.
    var finding: Finding? {
        guard let setting, let counting = self.diagnosis?.counts, !self.isExcused else { return nil }
        let sender: String? = if counting.confirmedBySender, case .mail(let mail)? = self.command?.body { mail.reversePath } else { nil }
        return Finding(quirk: setting, sent: self.command?.text ?? "", reply: self.answer.words, counting: counting, sender: sender)
    }
}

extension Cause: Hashable {
    static func == (left: Cause, right: Cause) -> Bool { left === right }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
