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

/// What may be done with the file at most: its owner writes, its group reads. Addresses of senders are in it.
let widestMode: mode_t = 0o640

/// Makes an empty file, where there is nothing of that name.
/// Root makes it for the owner of the folder, so that `sudo mailshim learned pin` does not lock the proxy out.
func makeFile(_ path: String) {
    let file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, widestMode)
    guard file >= 0 else { return }
    var info = stat()
    if geteuid() == 0, stat(folder(of: path), &info) == 0 { _ = fchown(file, info.st_uid, info.st_gid) }
    close(file)
}

/// Takes from a file what goes beyond the widest mode, where it is ours to do so. It is not opened: closing it would drop SQLite's locks on it.
func narrowMode(of path: String) {
    var info = stat()
    guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_mode & 0o7777 & ~widestMode != 0 else { return }
    _ = fchmodat(AT_FDCWD, path, info.st_mode & widestMode, AT_SYMLINK_NOFOLLOW)
}

/// The same path without links but for its last part, which is not looked at; as it is where the folder cannot be found.
func withoutLinksInFolder(_ path: String) -> String {
    let slash = path.lastIndex(of: "/")
    let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
    guard let real = realpath(folder(of: path), nil) else { return path }
    defer { free(real) }
    let folder = String(cString: real)
    return folder == "/" ? "/\(name)" : "\(folder)/\(name)"
}

/// Which file, or link, has a path at the moment; nil: none.
struct FileIdentity: Hashable, Sendable {
    private let device: dev_t
    private let inode: ino_t

    init?(path: String) {
        var info = stat()
        guard lstat(path, &info) == 0 else { return nil }
        self.device = info.st_dev
        self.inode = info.st_ino
    }
}

/// What has a path. No link is followed: whoever may write to the folder could lead root to any other place by one.
enum Presence: Hashable, Sendable {
    case none, file, directory, link
    /// A device, a pipe, ...
    case other
    /// The system does not say, in its words.
    case unknown(String)

    init(of path: String) {
        var info = stat()
        guard lstat(path, &info) == 0 else {
            self = errno == ENOENT ? .none : .unknown(String(cString: strerror(errno)))
            return
        }
        self =
            switch info.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .other
            }
    }
}
