/// The connections of a remote that went on after a message without any repair: how far they came, and when.
struct Reuse: Hashable, Sendable {
    private struct Mark: Hashable { let mails: Int, at: Int }

    /// The deepest first; each later one is newer.
    private var marks: [Mark] = []

    mutating func note(mails: Int, at now: Int) {
        self.marks.removeAll { $0.mails <= mails || now - $0.at >= Bounds.day }
        self.marks.append(Mark(mails: mails, at: now))
        if self.marks.count > 8 { self.marks.removeLast() }
    }

    /// Whether a connection came past so many `MAIL`s in the last day.
    func reached(past mails: Int, at now: Int) -> Bool {
        self.marks.contains { $0.mails > mails && now - $0.at < Bounds.day }
    }
}
