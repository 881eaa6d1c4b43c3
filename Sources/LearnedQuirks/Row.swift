import QuirkKit

extension Learned {
    /// In the order of `Store.columns`. `heals` is 2 where it is probed hourly.
    var cells: [Cell] {
        [
            .text(self.remote), .text(self.quirk.name), .text(OptionsText.write(self.quirk.options)),
            .text(self.origin.rawValue), Cell(self.shape?.rawValue), .text(self.sent), .text(self.reply), .text(self.remark),
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
            origin: cells[4].text.flatMap(Learned.Origin.init) ?? .learned, shape: cells[5].text.flatMap(Finding.Shape.init),
            sent: cells[6].text ?? "", reply: cells[7].text ?? "", remark: cells[8].text ?? "",
            firstSeen: cells[9].integer ?? 0, lastSeen: cells[10].integer ?? 0, expires: cells[11].integer,
            heals: [1, 2].contains(cells[12].integer), timesUsed: cells[13].integer ?? 0, cleanInARow: cells[14].integer ?? 0,
            lastProbe: cells[15].integer, isProbedHourly: cells[12].integer == 2)
        self.init(learned: learned, row: row)
    }
}
