import QuirkKit
import StandardQuirks

/// What the catalogue makes of an observation, asked as a session asks it: the first quirk that recognises itself.
enum ProbeJudge {
    struct Verdict {
        let quirk: any Quirk
        let diagnosis: Diagnosis

        var setting: QuirkSetting { QuirkSetting(self.quirk.name, self.diagnosis.options) }
        var workarounds: Workarounds { self.quirk.workarounds(self.diagnosis.options) }
    }

    /// - Parameter tried: quirks that were assumed already, and did not help.
    static func verdict(on seen: Seen, _ facts: Facts? = nil, except tried: Set<String> = []) -> Verdict? {
        let observation = seen.observation
        for quirk in StandardQuirks.catalogue
        where quirk.watches.contains(observation.moment, observation.answer.kind) && !tried.contains(quirk.name) {
            if let diagnosis = quirk.diagnose(observation, facts ?? seen.facts) {
                return Verdict(quirk: quirk, diagnosis: diagnosis)
            }
        }
        return nil
    }
}
