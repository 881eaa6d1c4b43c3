import SMTPWire

/// `MAIL`, then the `RCPT`s, in order; kept so that they can be sent again. Never empty.
///
/// Tens of thousands of recipients are within bounds, so nothing that is asked at each of them may look at all: the accepted ones are counted.
struct Envelope: Sendable {
    struct Entry: Sendable {
        enum State: Hashable, Sendable { case unsent, sent, accepted, refused }
        let command: Command
        var state: State
        /// Whether the gateway has heard the answer.
        var told: Bool
    }

    private var entries: [Entry]
    /// Recipients that were accepted.
    private(set) var accepted = 0
    /// Recipients that were accepted, or are on their way.
    private(set) var underWay = 0

    init(mail: Command) { self.entries = [Entry(command: mail, state: .unsent, told: false)] }

    mutating func append(_ recipient: Entry) {
        self.entries.append(recipient)
        self.count(recipient.state, 1)
    }

    /// The last recipient; nil where there is none.
    @discardableResult
    mutating func removeLast() -> Entry? {
        guard self.entries.count > 1, let last = self.entries.popLast() else { return nil }
        self.count(last.state, -1)
        return last
    }

    private mutating func count(_ state: Entry.State, _ change: Int) {
        switch state {
        case .accepted:
            self.accepted += change
            self.underWay += change
        case .sent: self.underWay += change
        case .unsent, .refused: break
        }
    }
}

extension Envelope: RandomAccessCollection, MutableCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { self.entries.count }

    subscript(place: Int) -> Entry {
        get { self.entries[place] }
        set {
            if place > 0, newValue.state != self.entries[place].state {
                self.count(self.entries[place].state, -1)
                self.count(newValue.state, 1)
            }
            self.entries[place] = newValue
        }
    }
}
