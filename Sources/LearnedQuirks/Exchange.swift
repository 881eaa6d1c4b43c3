/// What came of writing changes to the file.
struct Exchange: Sendable {
    /// The file as it is now (`Store.version`).
    var version: Int
    /// The rows of entries that were new to it.
    var inserted: [Key: Int] = [:]
    /// All that is in it, where someone else has changed it.
    var entries: [Entry]?
}

extension Store {
    /// Writes the changes as far as their rows are still there, and reads the file where someone else has written it since `known`.
    func exchange(_ changes: Changes, known: Int?) throws(MemoryError) -> Exchange {
        guard !changes.isEmpty else {
            // The version first: what is written in between is found the next time.
            var exchange = Exchange(version: try self.version())
            if exchange.version != known { exchange.entries = try self.entries() }
            return exchange
        }
        return try self.transaction { store throws(MemoryError) in
            var exchange = Exchange(version: try store.version())
            for (key, change) in changes {
                switch (change.row, change.learned) {
                case (let row?, let learned?): try store.update(row, learned)
                case (let row?, nil): try store.delete(row, key)
                case (nil, let learned?): exchange.inserted[key] = try store.insert(learned)
                case (nil, nil): break
                }
            }
            // What did not hit its row was changed by someone else, and so the version tells.
            if exchange.version != known { exchange.entries = try store.entries() }
            return exchange
        }
    }
}
