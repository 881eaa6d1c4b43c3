import Glibc

/// A file as it was at a moment: whether it is another one by now, or has been written.
struct FileStamp: Hashable, Sendable {
    private let inode: ino_t
    private let size: off_t
    private let seconds: Int
    private let nanoseconds: Int
    /// When it was looked at; Unix seconds.
    let at: Int

    init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.inode = status.st_ino
        self.size = status.st_size
        self.seconds = status.st_mtim.tv_sec
        self.nanoseconds = status.st_mtim.tv_nsec
        self.at = wallClock()
    }

    func isSame(as other: FileStamp) -> Bool {
        self.inode == other.inode && self.size == other.size && self.seconds == other.seconds && self.nanoseconds == other.nanoseconds
    }
}

/// Unix seconds.
func wallClock() -> Int { Int(time(nil)) }
