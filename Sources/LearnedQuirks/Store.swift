/// An open file, and what the memory does with it.
struct Store: ~Copyable {
    /// Of this file, wherever it lies.
    let identity: Int
    let database: Database

    /// Makes the file, its folder and its layout where they are missing.
    /// - Parameter patience: how long to wait for another process that has it locked, in milliseconds.
    init(path: String, patience: Int32) throws(MemoryError) {
        if Presence(of: path) == .none {
            makeFolder(of: path)
            makeFile(path)
        }
        let database = try Database(path: path, patience: patience)
        for pragma in ["cache_size = -256", "cell_size_check = ON", "trusted_schema = OFF"] { try database.run("PRAGMA \(pragma)") }
        try Schema.check(database)
        // One of ours, so that its mode is ours to say.
        narrowMode(of: path)
        self.identity = try database.run("SELECT identity FROM file LIMIT 1").first?.first?.integer ?? 0
        self.database = database
    }

    var isReadOnly: Bool { self.database.isReadOnly }

    /// Another number after each write of someone else.
    func version() throws(MemoryError) -> Int { try self.database.run("PRAGMA data_version").first?.first?.integer ?? 0 }

    func transaction<Result>(_ body: (borrowing Store) throws(MemoryError) -> Result) throws(MemoryError) -> Result {
        try self.database.transaction { _ throws(MemoryError) in try body(self) }
    }

    // MARK: Rows

    private static let columns =
        "remote, quirk, options, origin, shape, sent, reply, remark, first_seen, last_seen, expires, heals, times_used, clean_in_a_row, last_probe"
    private static let places = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15"

    func entries() throws(MemoryError) -> [Entry] {
        try self.database.run("SELECT id, \(Self.columns) FROM learned ORDER BY remote, quirk LIMIT \(Bounds.rows)").compactMap(Entry.init(row:))
    }

    /// - Returns: the new row's number; nil where the remote has that quirk already.
    func insert(_ learned: Learned) throws(MemoryError) -> Int? {
        try self.database.run("INSERT INTO learned (\(Self.columns)) VALUES (\(Self.places)) ON CONFLICT DO NOTHING", learned.cells)
        return self.database.changes > 0 ? self.database.lastRow : nil
    }

    /// In the place of what is known of that remote and quirk, as a row of its own: whoever knows the old one sees that it is gone.
    func replace(_ learned: Learned) throws(MemoryError) {
        try self.database.run("INSERT OR REPLACE INTO learned (\(Self.columns)) VALUES (\(Self.places))", learned.cells)
    }

    /// Where the row is still there.
    func update(_ row: Int, _ learned: Learned) throws(MemoryError) {
        try self.database.run(
            "UPDATE learned SET (\(Self.columns)) = (\(Self.places)) WHERE id = ?16 AND remote = ?1 AND quirk = ?2", learned.cells + [.integer(row)])
    }

    /// Where the row is still there.
    func delete(_ row: Int, _ key: Key) throws(MemoryError) {
        try self.database.run(
            "DELETE FROM learned WHERE id = ?1 AND remote = ?2 AND quirk = ?3", [.integer(row), .text(key.remote), .text(key.quirk)])
    }
}
