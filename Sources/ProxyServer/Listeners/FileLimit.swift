import Glibc

/// As many files as the system lets us have, raised to the hard limit.
enum FileLimit {
    /// Files that are not sessions': listeners, the log, the state, refused connections that still hear their last words.
    static let reserve = 64 + RejectHandler.mostAtOnce

    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        return Int(clamping: limit.rlim_cur)
    }

    /// How many sessions so many files allow: two files each.
    static func sessions(files: Int) -> Int { max(1, (files - min(Self.reserve, files / 2)) / 2) }
}
