extension LogSettings {
    mutating func read(_ table: Fields) {
        if let level: Level = table["level"]?.choice() { self.level = level }
        if let format: Format = table["format"]?.choice() { self.format = format }
        if let recipients: Recipients = table["recipients"]?.choice() { self.recipients = recipients }
        if let messages: Messages = table["messages"]?.choice() { self.messages = messages }
        table.finish()
    }
}

extension Field {
    /// One of the words of an enum.
    fileprivate func choice<Word: RawRepresentable & CaseIterable>() -> Word? where Word.RawValue == String {
        self.word(of: Word.allCases.map(\.rawValue)).flatMap(Word.init(rawValue:))
    }
}
