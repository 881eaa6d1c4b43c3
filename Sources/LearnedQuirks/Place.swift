import Glibc

/// The folder that a file is in.
func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Makes the folder of a file and the folders above it, as far as they are missing and can be made. Opening the file tells whether they could.
func makeFolder(of path: String) {
    let folder = folder(of: path)
    guard access(folder, F_OK) != 0, errno == ENOENT else { return }
    makeFolder(of: folder)
    mkdir(folder, 0o750)
}

/// Makes an empty file that its owner writes and its group reads: addresses of senders are in it.
/// Root makes it for the owner of the folder, so that `sudo mailshim learned pin` does not lock the proxy out.
func makeFile(_ path: String) {
    let file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard file >= 0 else { return }
    var info = stat()
    if geteuid() == 0, stat(folder(of: path), &info) == 0 { _ = fchown(file, info.st_uid, info.st_gid) }
    close(file)
}

/// Which file a path leads to at the moment; nil: none.
struct FileIdentity: Hashable, Sendable {
    private let device: dev_t
    private let inode: ino_t

    init?(path: String) {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        self.device = info.st_dev
        self.inode = info.st_ino
    }
}

/// What a path leads to.
enum Presence: Hashable, Sendable {
    case none, file, directory
    /// A device, a pipe, ...
    case other
    /// The system does not say, in its words.
    case unknown(String)

    init(of path: String) {
        var info = stat()
        guard stat(path, &info) == 0 else {
            self = errno == ENOENT ? .none : .unknown(String(cString: strerror(errno)))
            return
        }
        self =
            switch info.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            default: .other
            }
    }
}
