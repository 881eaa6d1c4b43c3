import QuirkKit
import SMTPWire

/// One thing that a probe tried, what came of it, and the exchange that shows it.
struct ProbeFinding {
    /// What was tried: "MAIL after RSET".
    let name: String
    let text: String
    /// Verbatim.
    let exchange: [String]
    /// Nil: a fact, or a refusal that no quirk recognises (a policy, for instance).
    var quirk: ProbedQuirk?

    init(_ name: String, _ text: String, _ exchange: [String], _ quirk: ProbedQuirk? = nil) {
        (self.name, self.text, self.exchange, self.quirk) = (name, text, exchange, quirk)
    }
}

/// A quirk of the host, as the catalogue names it.
struct ProbedQuirk {
    let setting: QuirkSetting
    /// What failed worked under the quirk's workaround, or needs no more than its look; else it is suspected.
    let isShown: Bool
    /// The command that was answered so, and the answer.
    let sent: String
    let reply: String
    let because: String
    /// An option that nobody but the operator can choose: it is not in the config.
    var choice: String?

    /// A quirk that is by rule alone, and that no diagnosis knows.
    init(byRule setting: QuirkSetting, _ seen: Seen, because: String) {
        (self.setting, self.isShown, self.because) = (setting, true, because)
        (self.sent, self.reply) = ("", seen.observation.answer.words)
    }

    init(_ verdict: ProbeJudge.Verdict, _ seen: Seen, isShown: Bool) {
        self.setting = verdict.setting
        self.isShown = isShown
        self.sent = seen.observation.sent?.text ?? ""
        self.reply = seen.observation.answer.words
        self.because = verdict.diagnosis.because
    }
}
