/// The layout of the file: one row a remote and quirk.
///
/// A rollback journal, not a WAL: writes are few and small, a crash at any moment (kill -9, power) leaves the old state or the new, readers need
/// neither a writable folder nor shared memory, and there is one file to copy.
enum Schema {
    /// In `PRAGMA user_version`.
    static let version = 1

    /// AUTOINCREMENT: an id never comes again, so whoever knows one can tell whether it is still the same row.
    private static let layout = [
        """
        CREATE TABLE learned (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            remote TEXT NOT NULL, quirk TEXT NOT NULL, options TEXT NOT NULL,
            origin TEXT NOT NULL, shape TEXT, sent TEXT NOT NULL, reply TEXT NOT NULL, remark TEXT NOT NULL,
            first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, expires INTEGER,
            heals INTEGER NOT NULL, times_used INTEGER NOT NULL, clean_in_a_row INTEGER NOT NULL, last_probe INTEGER,
            UNIQUE (remote, quirk)
        ) STRICT
        """,
        // A number that tells this file from any other, also when one is put in the place of the other.
        "CREATE TABLE file (identity INTEGER NOT NULL) STRICT",
        "INSERT INTO file VALUES (random())",
        "PRAGMA user_version = \(Self.version)",
    ]

    /// What came later. 0.1.0 does not look at these, so the version stays, and whoever goes back to it loses nothing.
    private static let additions = [
        """
        CREATE TABLE IF NOT EXISTS audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL,
            user TEXT NOT NULL, remark TEXT NOT NULL, because TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE IF NOT EXISTS bypass (
            remote TEXT PRIMARY KEY, since INTEGER NOT NULL, until INTEGER NOT NULL, user TEXT NOT NULL, because TEXT NOT NULL
        ) STRICT
        """,
    ]

    /// Lays out a new file; refuses one that is not ours.
    static func check(_ database: borrowing Database) throws(MemoryError) {
        var version = try self.version(of: database)
        if version == 0 {
            try database.transaction { database throws(MemoryError) in
                // Someone else may have done it meanwhile.
                guard try self.version(of: database) == 0 else { return }
                for statement in self.layout { try database.run(statement) }
            }
            version = try self.version(of: database)
        }
        guard version == Self.version else { throw MemoryError(path: database.path, fault: .newer(version)) }
        // One that may not be written is read as it is.
        guard !database.isReadOnly, try !self.hasAdditions(database) else { return }
        for statement in self.additions { try database.run(statement) }
    }

    private static func hasAdditions(_ database: borrowing Database) throws(MemoryError) -> Bool {
        try database.run("SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ('audit', 'bypass')").count == 2
    }

    /// 0: an empty file.
    private static func version(of database: borrowing Database) throws(MemoryError) -> Int {
        let tables = try database.run("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").compactMap(\.first?.text)
        let version = try database.run("PRAGMA user_version").first?.first?.integer ?? 0
        guard version > 0 ? tables.contains("learned") && tables.contains("file") : version == 0 && tables.isEmpty else {
            throw MemoryError(path: database.path, fault: .foreign)
        }
        return version
    }
}
