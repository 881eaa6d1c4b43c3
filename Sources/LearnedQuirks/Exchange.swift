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
            var isOther = exchange.version != known
            for (key, change) in changes {
                switch (change.row, change.learned) {
                case (let row?, let learned?): if try !store.update(row, learned) { isOther = true }
                case (let row?, nil): if try !store.delete(row, key) { isOther = true }
                case (nil, let learned?):
                    exchange.inserted[key] = try store.insert(learned)
                    if exchange.inserted[key] == nil { isOther = true }
                case (nil, nil): break
                }
            }
            if isOther { exchange.entries = try store.entries() }
            return exchange
        }
    }
}
