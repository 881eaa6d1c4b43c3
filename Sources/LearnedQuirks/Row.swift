import QuirkKit

extension Learned {
    /// In the order of `Store.columns`. What 0.1.0 wrote as `shape` is how the entry ends; `heals` says to 0.1.0 whether it is probed (1), and hourly (2).
    var cells: [Cell] {
        [
            .text(self.remote), .text(self.quirk.name), .text(OptionsText.write(self.quirk.options)),
            .text(self.origin.rawValue), .text(self.ending.text), .text(self.sent), .text(self.reply), .text(self.remark),
            .integer(self.firstSeen), .integer(self.lastSeen), Cell(self.expires),
            .integer(self.isProbedHourly ? 2 : self.heals ? 1 : 0), .integer(self.timesUsed), .integer(self.cleanInARow), Cell(self.lastProbe),
        ]
    }
}

extension Entry {
    /// Nil where a text that must be there is not. What else someone may have written by hand is put right: unknown words are left out, numbers bounded.
    init?(row cells: [Cell]) {
        guard cells.count == 16, let row = cells[0].integer, let remote = cells[1].text, let quirk = cells[2].text else { return nil }
        let options = cells[3].text.flatMap(OptionsText.read) ?? [:]
        let learned = Learned(
            remote: remote, quirk: QuirkSetting(quirk, options),
            origin: cells[4].text.flatMap(Learned.Origin.init) ?? .learned,
            sent: cells[6].text ?? "", reply: cells[7].text ?? "", remark: cells[8].text ?? "",
            firstSeen: cells[9].integer ?? 0, lastSeen: cells[10].integer ?? 0, expires: cells[11].integer,
            ending: Counting.Ending(text: cells[5].text, heals: cells[12].integer), timesUsed: cells[13].integer ?? 0,
            cleanInARow: cells[14].integer ?? 0, lastProbe: cells[15].integer)
        self.init(learned: learned, row: row)
    }
}

extension Counting.Ending {
    fileprivate var text: String {
        switch self {
        case .probed(hourly: false): "probed"
        case .probed(hourly: true): "probed hourly"
        case .expires: "expires"
        case .raised(let option, Bounds.day): "raises \(option)"
        case .raised(let option, let step): "raises \(option) every \(step)"
        }
    }

    /// - Parameter heals: what 0.1.0 wrote, or what it rewrote.
    fileprivate init(text: String?, heals: Int?) {
        if let text, text.hasPrefix("raises ") {
            let words = text.dropFirst("raises ".count).split(separator: " ")
            let step = words.count == 3 ? Int(words[2]) ?? Bounds.day : Bounds.day
            self = .raised(option: String(words.first ?? ""), every: max(1, step))
        } else {
            self =
                switch heals {
                case 1: .probed(hourly: false)
                case 2: .probed(hourly: true)
                default: .expires
                }
        }
    }
}
