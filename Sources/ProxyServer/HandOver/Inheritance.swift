import Glibc

/// What this process was given at its start beside its arguments: a service manager to tell, listening sockets, and a process that it succeeds.
public struct Inheritance: Sendable {
    public let manager: ServiceManager
    let sockets: PassedSockets
    /// The way to the process that we succeed, a socket file; nil: there is none.
    let predecessor: Int32?
    /// Whether another process has the listening sockets still.
    var isSuccessor: Bool { self.predecessor != nil }
    /// For a successor of ours: without what is meant for one process alone.
    let environment: [String: String]
    /// What was started: its path and the arguments. After an upgrade another file stands there.
    let program: [String]

    /// Nothing.
    public init() { self.init(sockets: PassedSockets()) }

    init(sockets: PassedSockets = PassedSockets(), program: [String] = [], environment: [String: String] = [:]) {
        (self.manager, self.sockets, self.predecessor) = (ServiceManager(), sockets, nil)
        (self.program, self.environment) = (program, environment)
    }

    private init(from given: [String: String]) {
        self.manager = ServiceManager(environment: given)
        let passed = given["LISTEN_FDS"].flatMap { Int($0) }.flatMap { (1...1024).contains($0) ? $0 : nil } ?? 0
        let isFromPredecessor = given["HANDOVER_FROM"].flatMap { Int32($0) } == Self.peer(of: Self.firstFile + Int32(passed))
        let isForUs = given["LISTEN_PID"] == "\(getpid())" || isFromPredecessor
        let count = isForUs ? passed : 0
        let names = given["LISTEN_FDNAMES"]?.split(separator: ":", omittingEmptySubsequences: false).map(String.init) ?? []
        self.sockets = PassedSockets(from: Self.firstFile, count: count, names: names)
        self.predecessor = isFromPredecessor ? Self.firstFile + Int32(count) : nil
        if let predecessor { _ = fcntl(predecessor, F_SETFD, FD_CLOEXEC) }
        self.environment = given.filter { !Self.ofOneProcess.contains($0.key) }
        self.program = Self.ownProgram
    }

    /// The process at the other end of a socket (SO_PEERCRED); -1: it is none.
    private static func peer(of file: Int32) -> Int32 {
        var credentials: (process: Int32, user: UInt32, group: UInt32) = (-1, 0, 0)
        var size = socklen_t(MemoryLayout.size(ofValue: credentials))
        return getsockopt(file, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 ? credentials.process : -1
    }

    /// Takes it out of the environment. To be called once, before anything else opens a file or starts a program.
    public static func taken() -> Inheritance {
        var given: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { given[String(parts[0])] = String(parts[1]) }
            next += 1
        }
        for name in Self.ofOneProcess { unsetenv(name) }
        return Inheritance(from: given)
    }

    /// This program as it was started: its path and the arguments.
    public static var ownProgram: [String] { self.executable.map { [$0] + CommandLine.arguments.dropFirst() } ?? [] }

    /// Its path, not the file: that may be gone by an upgrade, and then another stands there.
    private static var executable: String? {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &path, path.count)
        guard count > 0 else { return nil }
        let text = String(decoding: path.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.hasSuffix(" (deleted)") ? String(text.dropLast(" (deleted)".count)) : text
    }

    /// SD_LISTEN_FDS_START. Sockets come first, the way to the predecessor behind them.
    static let firstFile: Int32 = 3

    private static let ofOneProcess = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID", "HANDOVER_FROM"]
}
