/// What has to be done to the file: the row `row` (nil: none yet) becomes `learned` (nil: goes).
struct Change: Hashable, Sendable {
    let row: Int?
    let learned: Learned?
}

typealias Changes = [Key: Change]

/// The ledger and the file, kept in step.
extension Ledger {
    mutating func takeChanges() -> Changes {
        defer { self.changes = [:] }
        return self.changes
    }

    /// They could not be written. What changed again in the meantime is newer.
    mutating func putBack(_ changes: Changes) {
        for (key, change) in changes {
            if let newer = self.changes[key] {
                self.changes[key] = Change(row: newer.row ?? change.row, learned: newer.learned)
            } else if change.learned == nil || self.entries[key] != nil {
                self.changes[key] = change
            }
        }
    }

    /// The entries that were written for the first time have rows now.
    mutating func settle(_ rows: [Key: Int]) {
        for (key, row) in rows {
            if var entry = self.entries[key], entry.row == nil {
                entry.row = row
                self.entries.put(entry)
            }
            if let change = self.changes[key] {
                self.changes[key] = Change(row: change.row ?? row, learned: change.learned)
            } else if self.entries[key] == nil {
                // It was removed while it was being written.
                self.changes[key] = Change(row: row, learned: nil)
            }
        }
    }

    /// The file is another one than before, so its rows say nothing: everything that is known is new to it.
    mutating func detach() {
        self.changes = [:]
        for entry in self.entries.all {
            self.entries.put(Entry(learned: entry.learned, row: nil))
            self.changes[entry.key] = Change(row: nil, learned: entry.learned)
        }
    }

    /// The file is right, but for what changed here since it was read.
    /// - Returns: what someone else did to the file.
    mutating func adopt(_ rows: [Entry]) -> (forgotten: [Learned], added: [Learned]) {
        let before = self.entries
        let file = Dictionary(rows.map { ($0.key, $0) }) { first, _ in first }
        // A change speaks of a row as it was known here; where that is gone, or another has taken its place, someone meant it so.
        self.changes = self.changes.filter { key, change in change.row == file[key]?.row }
        self.entries = Entries()
        for entry in file.values where self.changes[entry.key] == nil { self.entries.put(entry) }
        for change in self.changes.values { if let learned = change.learned { self.entries.put(Entry(learned: learned, row: change.row)) } }
        for entry in rows {
            guard let probe = entry.learned.lastProbe, probe > self.probes.value(for: entry.learned.remote, at: probe) ?? .min else { continue }
            self.probes.set(probe, for: entry.learned.remote, at: probe)
        }
        return (
            before.all.filter { self.entries[$0.key] == nil }.map(\.learned),
            self.entries.all.filter { $0.row != nil && before[$0.key]?.row != $0.row }.map(\.learned)
        )
    }
}
