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

    init(mail: Command) { self.entries = [Entry(command: mail, state: .unsent, told: false)] }

    mutating func append(_ recipient: Entry) {
        self.entries.append(recipient)
        if recipient.state == .accepted { self.accepted += 1 }
    }

    mutating func removeLast() {
        guard self.entries.count > 1, let last = self.entries.popLast() else { return }
        if last.state == .accepted { self.accepted -= 1 }
    }
}

extension Envelope: RandomAccessCollection, MutableCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { self.entries.count }

    subscript(place: Int) -> Entry {
        get { self.entries[place] }
        set {
            if place > 0 { self.accepted += (newValue.state == .accepted ? 1 : 0) - (self.entries[place].state == .accepted ? 1 : 0) }
            self.entries[place] = newValue
        }
    }
}
