import AdminProtocol
import LearnedQuirks
import QuirkKit

extension Learned {
    /// The names of its members are a promise.
    var json: JSON {
        [
            "remote": .string(self.remote), "quirk": .string(self.quirk.name), "options": self.quirk.optionsJSON,
            "origin": .string(self.origin.rawValue), "sent": .string(self.sent), "reply": .string(self.reply), "because": .string(self.remark),
            "first_seen": .integer(self.firstSeen), "last_seen": .integer(self.lastSeen), "expires": JSON(self.expires),
            "times_used": .integer(self.timesUsed), "heals": .boolean(self.heals && !self.isPinned), "clean_in_a_row": .integer(self.cleanInARow),
            "last_probe": JSON(self.lastProbe),
        ]
    }
}

extension QuirkSetting {
    var optionsJSON: JSON { .object(self.options.sorted { $0.key < $1.key }.map { JSON.Member($0.key, $0.value.json) }) }
}

extension OptionValue {
    var json: JSON {
        switch self {
        case .integer(let number), .seconds(let number): .integer(number)
        case .string(let text): .string(text)
        case .pattern(let pattern): .string(pattern.text)
        case .boolean(let value): .boolean(value)
        case .strings(let texts): .array(texts.map { .string($0) })
        }
    }
}
