import QuirkKit

/// What an entry is known by: one of each quirk and remote.
struct Key: Hashable, Sendable {
    let remote: String
    let quirk: String
}

/// An entry, and the row of the file that it stands in. Whoever changes the file by hand makes a new row, so a row that is still there is the one that was read.
struct Entry: Hashable, Sendable {
    var learned: Learned
    /// Nil until it has been written.
    var row: Int?

    var key: Key { Key(remote: self.learned.remote, quirk: self.learned.quirk.name) }
}

/// What has to be done to the file: the row `row` (nil: none yet) becomes `learned` (nil: goes).
struct Change: Hashable, Sendable {
    let row: Int?
    let learned: Learned?
}

typealias Changes = [Key: Change]
