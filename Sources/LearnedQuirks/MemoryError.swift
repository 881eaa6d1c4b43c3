import CSQLite
import Glibc

/// Why the memory's file cannot be used: which file, what is wrong with it, what to do.
public struct MemoryError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Fault: Hashable, Sendable {
        case isDirectory
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
        case invalidRemote(String)
        /// SQLite's words.
        case other(String)
    }

    public let path: String
    public let fault: Fault

    public var description: String {
        switch self.fault {
        case .isDirectory: "\(self.path) is a directory; set `state` to the name of a file in it, such as \(self.path)/learned.sqlite"
        case .cannotOpen(let words): "\(self.path) cannot be opened: \(words); make its folder writable for the user that runs mailshim"
        case .readOnly: "\(self.path) cannot be written; make the file and its folder writable for the user that runs mailshim"
        case .notADatabase: "\(self.path) is not a SQLite database; \(self.asideOrElsewhere)"
        case .damaged: "\(self.path) is damaged; \(self.asideOrElsewhere), and `sqlite3 \(self.path).damaged .recover` may save what was in it"
        case .foreign: "\(self.path) is a database of something else; set `state` to another file"
        case .newer(let version):
            "\(self.path) was written by a newer mailshim (layout \(version), this one knows \(Schema.version)); use that one, or set `state` to another file"
        case .full: "\(self.path) cannot be written: the disk is full"
        case .locked: "\(self.path) is locked by another process; see `fuser \(self.path)`"
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
        var info = stat()
        if stat(path, &info) == 0 {
            let isDirectory = info.st_mode & S_IFMT == S_IFDIR
            self = isDirectory ? .isDirectory : access(path, R_OK) == 0 ? .readOnly : .cannotOpen(String(cString: strerror(errno)))
        } else if errno == ENOENT, stat(folder(of: path), &info) == 0 {
            self = .cannotOpen(access(folder(of: path), W_OK) == 0 ? message : String(cString: strerror(errno)))
        } else {
            self = .cannotOpen(String(cString: strerror(errno)))
        }
    }
}
