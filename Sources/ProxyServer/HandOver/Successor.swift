import CSpawn
import Glibc
import NIOCore

/// The process that takes our place: our own program, started anew with our listening sockets.
///
/// It is not our child but that of a shell that waits for it: how it ends before it is ready, the shell's own end tells. When it is ready, the shell is ended,
/// and the system makes it a child of the first process. systemd does not wait for a main process that is nobody's child of its own: it would kill it at the
/// next `systemctl restart`, with all mail that is under way.
struct Successor: Sendable {
    /// The shell, with a process group of its own.
    private let shell: Int32
    let link: HandOverLink
    /// Its own; 0: not known yet.
    private(set) var processIdentifier: Int32 = 0

    private init(shell: Int32, link: HandOverLink) { (self.shell, self.link) = (shell, link) }

    struct Failure: Error, Hashable, Sendable { let because: String }

    /// How it ended.
    enum End: Hashable, Sendable {
        case exit(Int32)
        case signal(Int32)
        /// Somebody else heard of it.
        case unknown

        /// - Parameter status: as waitpid(2) has it, of a shell that ends as what it waited for.
        init(_ status: Int32) {
            let code = status >> 8 & 0xff
            self = status & 0x7f != 0 ? .signal(status & 0x7f) : code > 128 ? .signal(code - 128) : .exit(code)
        }

        var words: String {
            switch self {
            case .exit(let status): "it ended with status \(status); its own lines in the log say why"
            case .signal(let number): "it was ended by signal \(number)"
            case .unknown: "it ended"
            }
        }
    }

    /// Starts it. - Parameter program: a path and the arguments.
    static func start(
        _ program: [String], environment: [String: String], sockets: HandOver.Sockets, on eventLoops: any EventLoopGroup
    ) async throws(Failure) -> Successor {
        guard let path = program.first else { throw Failure(because: "it is not known what to start") }
        guard access(path, X_OK) == 0 else { throw Failure(because: "\(path) cannot be run: \(String(cString: strerror(errno)))") }
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Failure(because: "no pair of sockets: \(String(cString: strerror(errno)))")
        }
        var environment = environment
        environment["LISTEN_FDS"] = "\(sockets.count)"
        environment["LISTEN_FDNAMES"] = sockets.map { PassedSockets.name(of: $0.listener) }.joined(separator: ":")
        environment["HANDOVER_FROM"] = "\(getpid())"
        let waiting = ["/bin/sh", "-c", "\"$@\" & wait $!", "mailshim"]
        let child = Self.spawn(waiting[0], waiting + program, environment, files: sockets.map(\.socket.descriptor) + [ends[1]])
        close(ends[1])
        guard case .success(let number) = child else {
            close(ends[0])
            throw Failure(because: "\(path) cannot be started\(child.reason)")
        }
        do {
            return Successor(shell: number, link: try await HandOverLink(ends[0], on: eventLoops))
        } catch {
            kill(-number, SIGKILL)
            throw Failure(because: "\(error)")
        }
    }

    private static func spawn(_ path: String, _ arguments: [String], _ environment: [String: String], files: [Int32]) -> Result<Int32, Errno> {
        var words = arguments.map { strdup($0) } + [nil]
        var settings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + settings { free(word) } }
        var child = pid_t()
        let failure = cspawn_start(&child, path, &words, &settings, files, files.count)
        return failure == 0 ? .success(child) : .failure(Errno(number: failure))
    }

    fileprivate struct Errno: Error { let number: Int32 }

    /// Nobody waits for it any more.
    /// - Parameter number: its process, as it says; nil: it is of a version that does not, and the shell stays.
    mutating func release(_ number: Int32?) async {
        guard let number else { return self.processIdentifier = self.shell }
        self.processIdentifier = number
        kill(self.shell, SIGKILL)
        _ = await self.reaped(within: .seconds(2))
    }

    /// Ends it before it is ready: politely, and after two seconds at once.
    func end() async {
        kill(-self.shell, SIGTERM)
        _ = await self.reaped(within: .seconds(2))
        kill(-self.shell, SIGKILL)
        _ = await self.reaped(within: .seconds(2))
        self.link.close()
    }

    /// How it ended before it was ready, once the system says so; nil: it has not by then.
    func reaped(within time: Duration) async -> End? {
        let deadline = ContinuousClock.now + time
        while true {
            var status: Int32 = 0
            let answer = waitpid(self.shell, &status, WNOHANG)
            if answer == self.shell { return End(status) }
            if answer < 0, errno != EINTR { return .unknown }
            guard ContinuousClock.now < deadline else { return nil }
            // Also where we are cancelled: then it is not long.
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}

extension Result where Success == Int32, Failure == Successor.Errno {
    fileprivate var reason: String {
        if case .failure(let error) = self { ": \(String(cString: strerror(error.number)))" } else { "" }
    }
}
