import SMTPWire

/// What the log will say of a session.
struct Journal: Sendable {
    /// Messages that ended.
    var messages = 0
    var ownReplies = OwnReplies()
}

/// Replies of our own since a transaction ended: what is said again in a row, and what is beyond the bound, is counted (law 9).
struct OwnReplies: Sendable {
    private var last: Reply?
    private var logged = 0
    private(set) var unlogged = 0

    /// Whether it has a line of its own.
    mutating func isNew(_ reply: Reply) -> Bool {
        guard reply != self.last, self.logged < Record.mostRefusals else {
            self.unlogged += 1
            return false
        }
        self.last = reply
        self.logged += 1
        return true
    }
}
