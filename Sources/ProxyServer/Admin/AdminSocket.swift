import AdminProtocol
import Glibc

/// The file of the admin socket: for the owner and the group of the process (0660), made under another name first, so that it is never seen half made.
struct AdminSocket: Sendable {
    /// Why there is none, in words.
    struct Failure: Error, Hashable, Sendable { let because: String }

    /// What to do where another process listens there.
    enum Replacement: Hashable, Sendable {
        /// It is left alone, and there is no socket of ours.
        case stale
        /// It is that of the process whose place we take.
        case any
    }

    let path: String
    let descriptor: CInt
    private let inode: ino_t

    init(path: String, replacing replacement: Replacement) throws(Failure) {
        var status = stat()
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFSOCK else { throw Failure(because: "something else than a socket is there") }
            guard replacement == .any || !Self.isInUse(path) else { throw Failure(because: "another process listens there") }
        }
        let fresh = "\(path).new"
        guard var address = UnixAddress(fresh) else { throw Failure(because: "its path is too long") }
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw Self.failure() }
        // Nobody may connect before the mode is right, whatever the umask.
        fchmod(descriptor, 0o600)
        unlink(fresh)
        guard address.bind(descriptor) == 0, chmod(fresh, 0o660) == 0, listen(descriptor, 64) == 0, lstat(fresh, &status) == 0,
            rename(fresh, path) == 0
        else {
            let failure = Self.failure()
            close(descriptor)
            unlink(fresh)
            throw failure
        }
        (self.path, self.descriptor, self.inode) = (path, descriptor, status.st_ino)
    }

    /// Takes the file away, where it is still ours.
    func remove() {
        var status = stat()
        if lstat(self.path, &status) == 0, status.st_ino == self.inode { unlink(self.path) }
    }

    static func isInUse(_ path: String) -> Bool {
        guard var address = UnixAddress(path) else { return false }
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        // EAGAIN: its queue is full.
        return address.connect(descriptor) == 0 || errno == EAGAIN
    }

    private static func failure() -> Failure {
        switch errno {
        case ENOENT: Failure(because: "its folder does not exist (under systemd: RuntimeDirectory=mailshim)")
        case EACCES, EPERM, EROFS: Failure(because: "not permitted to make it there")
        default: Failure(because: String(cString: strerror(errno)))
        }
    }
}
