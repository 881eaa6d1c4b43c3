import Glibc

/// What the system knows of this process (proc(5), getrusage(2)).
struct ProcessFacts: Hashable, Sendable {
    var cpuSeconds = 0.0
    var openFiles = 0
    var mostFiles = 0
    var residentOctets = 0
    var virtualOctets = 0
    /// Unix seconds.
    var started = 0.0

    static var now: ProcessFacts {
        var facts = ProcessFacts()
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 { facts.cpuSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime) }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 { facts.mostFiles = Int(clamping: limit.rlim_cur) }
        facts.openFiles = Self.entries(of: "/proc/self/fd")
        let pages = Self.text(of: "/proc/self/statm").split(separator: " ").compactMap { Int($0) }
        if pages.count > 1 { (facts.virtualOctets, facts.residentOctets) = (pages[0] * Int(getpagesize()), pages[1] * Int(getpagesize())) }
        facts.started = Self.start
        return facts
    }

    /// Field 22 of stat, in clock ticks since the machine started; the name in field 2 may have blanks in it.
    private static let start: Double = {
        let fields = Self.text(of: "/proc/self/stat").split(separator: ")").last?.split(separator: " ") ?? []
        let boot = Self.text(of: "/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }?.split(separator: " ").last
        guard fields.count > 19, let ticks = Double(fields[19]), let boot = boot.flatMap({ Double($0) }) else { return 0 }
        return boot + ticks / Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    }()

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    private static func entries(of folder: String) -> Int {
        guard let stream = opendir(folder) else { return 0 }
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil { count += 1 }
        // "." and "..", and the stream itself.
        return max(0, count - 3)
    }

    private static func text(of path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(file, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
