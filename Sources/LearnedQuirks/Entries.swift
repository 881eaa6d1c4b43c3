import QuirkKit

/// What an entry is known by: one of each quirk and remote.
struct Key: Hashable, Sendable {
    let remote: String
    let quirk: String
}

/// What is known, and the row of the file that it stands in. Whoever changes the file by hand makes a new row, so a row that is still there is the one that was read.
struct Entry: Hashable, Sendable {
    var learned: Learned
    /// Nil until it has been written.
    var row: Int?

    var key: Key { Key(remote: self.learned.remote, quirk: self.learned.quirk.name) }
}

/// All entries, by remote; those of one remote in the order of the quirks' names.
struct Entries: Sendable {
    private var remotes: [String: [Entry]] = [:]
    private(set) var count = 0
    /// No entry expires before this; Unix seconds. So that they need not all be looked at each second.
    private var nextExpiry = Int.max

    var all: [Entry] { self.remotes.values.flatMap(\.self) }

    subscript(remote: String) -> [Entry] { self.remotes[remote] ?? [] }

    subscript(key: Key) -> Entry? { self.remotes[key.remote]?.first { $0.learned.quirk.name == key.quirk } }

    /// In the place of the one with the same key.
    mutating func put(_ entry: Entry) {
        self.remove(entry.key)
        var entries = self[entry.learned.remote]
        entries.insert(entry, at: entries.firstIndex { $0.learned.quirk.name > entry.learned.quirk.name } ?? entries.endIndex)
        self.remotes[entry.learned.remote] = entries
        self.count += 1
        if let expires = entry.learned.expires { self.nextExpiry = min(self.nextExpiry, expires) }
    }

    mutating func remove(_ key: Key) {
        var entries = self[key.remote]
        guard let index = entries.firstIndex(where: { $0.learned.quirk.name == key.quirk }) else { return }
        entries.remove(at: index)
        self.remotes[key.remote] = entries.isEmpty ? nil : entries
        self.count -= 1
    }

    mutating func expired(at now: Int) -> [Entry] {
        guard now >= self.nextExpiry else { return [] }
        self.nextExpiry = self.all.compactMap(\.learned.expires).filter { $0 > now }.min() ?? .max
        return self.all.filter { $0.learned.hasExpired(at: now) }
    }
}
