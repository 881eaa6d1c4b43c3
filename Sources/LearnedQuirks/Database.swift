import CSQLite

enum Cell: Hashable, Sendable {
    case null, integer(Int), text(String)

    init(_ value: Int?) { self = value.map { .integer($0) } ?? .null }
    init(_ value: String?) { self = value.map { .text($0) } ?? .null }

    var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    var text: String? { if case .text(let value) = self { value } else { nil } }
}

/// The little of SQLite that the memory needs: run a statement, get its rows. Used by one thread at a time.
struct Database: ~Copyable {
    let path: String
    private let handle: OpaquePointer

    /// A file that may not be written is opened for reading.
    /// - Parameter patience: how long to wait for another process that has it locked, in milliseconds.
    init(path: String, patience: Int32) throws(MemoryError) {
        switch Presence(of: path) {
        case .directory: throw MemoryError(path: path, fault: .isDirectory)
        case .other: throw MemoryError(path: path, fault: .cannotOpen("it is not a regular file"))
        case .link: throw MemoryError(path: path, fault: .isLink)
        case .none, .file, .unknown: break
        }
        // SQLite opens these too, by itself.
        for name in ["-journal", "-wal", "-shm"].map({ path + $0 }) where Presence(of: name) == .link {
            throw MemoryError(path: name, fault: .isLink)
        }
        var handle: OpaquePointer?
        // It makes no file (it would be one for everybody to read), and follows no link, also if one was put there this very moment.
        let code = sqlite3_open_v2(
            Self.name(of: withoutLinksInFolder(path)), &handle,
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW, nil)
        guard code == SQLITE_OK, let handle else {
            let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(handle)
            throw MemoryError(code: code, message, path: path)
        }
        self.path = path
        self.handle = handle
        sqlite3_busy_timeout(handle, patience)
        // Nothing in our rows is larger; a file that was tampered with does not fill the memory.
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 1 << 20)
    }

    /// To SQLite some names are not a file's: "", ":memory:", "file:…".
    static func name(of path: String) -> String { path.hasPrefix("/") ? path : "./\(path)" }

    deinit { sqlite3_close_v2(self.handle) }

    /// Rows changed by the last statement.
    var changes: Int { Int(sqlite3_changes(self.handle)) }

    var lastRow: Int { Int(sqlite3_last_insert_rowid(self.handle)) }

    var isReadOnly: Bool { sqlite3_db_readonly(self.handle, "main") == 1 }

    @discardableResult
    borrowing func run(_ sql: String, _ values: [Cell] = []) throws(MemoryError) -> [[Cell]] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(self.handle, sql, -1, &statement, nil) == SQLITE_OK else { throw self.error }
        defer { sqlite3_finalize(statement) }
        for (index, value) in zip(Int32(1)..., values) {
            let code =
                switch value {
                case .null: sqlite3_bind_null(statement, index)
                case .integer(let integer): sqlite3_bind_int64(statement, index, Int64(integer))
                case .text(let text):
                    // SQLITE_TRANSIENT: it makes its own copy.
                    sqlite3_bind_text(statement, index, text, Int32(clamping: text.utf8.count), unsafeBitCast(-1, to: sqlite3_destructor_type.self))
                }
            guard code == SQLITE_OK else { throw self.error }
        }
        var rows: [[Cell]] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: rows.append((0..<sqlite3_column_count(statement)).map { self.cell(statement, $0) })
            case SQLITE_DONE: return rows
            default: throw self.error
            }
        }
    }

    private borrowing func cell(_ statement: OpaquePointer?, _ column: Int32) -> Cell {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: .integer(Int(sqlite3_column_int64(statement, column)))
        case SQLITE_TEXT: sqlite3_column_text(statement, column).map { .text(String(cString: $0)) } ?? .null
        default: .null
        }
    }

    /// All or nothing of what the body does; nobody else writes meanwhile.
    borrowing func transaction<Result>(_ body: (borrowing Database) throws(MemoryError) -> Result) throws(MemoryError) -> Result {
        try self.run("BEGIN IMMEDIATE")
        do throws(MemoryError) {
            let result = try body(self)
            try self.run("COMMIT")
            return result
        } catch {
            // Some errors have rolled back already, so that this one fails.
            _ = try? self.run("ROLLBACK")
            throw error
        }
    }

    private var error: MemoryError {
        MemoryError(code: sqlite3_extended_errcode(self.handle), String(cString: sqlite3_errmsg(self.handle)), path: self.path)
    }
}
