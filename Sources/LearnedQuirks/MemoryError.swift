import CSQLite
import Glibc

/// Why the memory's file cannot be used: which file, what is wrong with it, what to do.
public struct MemoryError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Fault: Hashable, Sendable {
        case isDirectory
        /// A symbolic link, or one in the place of its journal.
        case isLink
        /// It, or its folder, is not there and cannot be made; in the system's words.
        case cannotOpen(String)
        case readOnly
        case notADatabase
        case damaged
        /// A database, but none of ours.
        case foreign
        /// Written by a newer Mailshim: the version of its layout.
        case newer(Int)
        case full
        case locked
        /// The file was moved away while it was in use.
        case moved
        case invalidRemote(String)
        /// SQLite's words.
        case other(String)
    }

    public let path: String
    public let fault: Fault

    public var description: String {
        switch self.fault {
        case .isDirectory: "\(self.path) is a directory; set `state` to the name of a file in it, such as \(self.path)/learned.sqlite"
        case .isLink: "\(self.path) is a symbolic link, and none is followed; set `state` to the file itself"
        case .cannotOpen(let words):
            "\(self.path) cannot be opened: \(words); make it, or set `state` to a place that the user who runs mailshim may write"
        case .readOnly: "\(self.path) cannot be written; make the file and its folder writable for the user who runs mailshim"
        case .notADatabase: "\(self.path) is not a SQLite database; \(self.asideOrElsewhere)"
        case .damaged: "\(self.path) is damaged; \(self.asideOrElsewhere), and `sqlite3 \(self.path).damaged .recover` may save what was in it"
        case .foreign: "\(self.path) is a database of something else; set `state` to another file"
        case .newer(let version):
            "\(self.path) was written by a newer mailshim (layout \(version), this one knows \(Schema.version)); use that one, or set `state` to another file"
        case .full: "\(self.path) cannot be written: the disk is full"
        case .locked: "\(self.path) is locked by another process; see `fuser \(self.path)`"
        case .moved: "\(self.path) was moved away while it was in use"
        case .invalidRemote(let text): "\"\(text)\" is not an address with a port, such as 192.0.2.1:25 or [2001:db8::1]:25"
        case .other(let words): "\(self.path) cannot be used: \(words)"
        }
    }

    private var asideOrElsewhere: String { "it was left as it is; move it away (mv \(self.path) \(self.path).damaged) and a new one is made" }
}

extension MemoryError {
    /// - Parameter code: SQLite's extended result code.
    init(code: Int32, _ message: String, path: String) {
        self.path = path
        self.fault =
            switch code & 0xFF {
            case _ where code == SQLITE_READONLY | 4 << 8: .moved  // SQLITE_READONLY_DBMOVED
            case SQLITE_CANTOPEN: Fault(whyNotOpened: path, message)
            case SQLITE_READONLY, SQLITE_PERM: .readOnly
            case SQLITE_NOTADB: .notADatabase
            case SQLITE_CORRUPT: .damaged
            case SQLITE_FULL: .full
            case SQLITE_BUSY, SQLITE_LOCKED: .locked
            default: .other("\(message) (SQLite \(code))")
            }
    }
}

extension MemoryError.Fault {
    /// SQLite only says "unable to open database file".
    fileprivate init(whyNotOpened path: String, _ message: String) {
        let folder = folder(of: path)
        self =
            switch Presence(of: path) {
            case .directory: .isDirectory
            case .link: .isLink
            case .other: .cannotOpen("it is not a regular file")
            case .unknown(let words): .cannotOpen(words)
            // The file is all right, but not its journal.
            case .file: access(path, R_OK) == 0 ? .readOnly : .cannotOpen(String(cString: strerror(errno)))
            case .none where access(folder, W_OK) != 0: .cannotOpen("\(folder): \(String(cString: strerror(errno)))")
            case .none: .cannotOpen(message)
            }
    }

    /// Whether it may pass by itself in a moment, and is no news until it does not.
    var mayPass: Bool { self == .locked || self == .moved }
}
