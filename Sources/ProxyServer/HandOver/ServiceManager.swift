import Glibc

/// systemd, or whatever else gave us NOTIFY_SOCKET: what it wants to know of a service (sd_notify(3)), without libsystemd. Says nothing where nobody listens.
public struct ServiceManager: Sendable {
    /// Where it listens: a path, or with "@" in front an abstract name.
    private let socket: String?
    /// How often it wants to hear that we are alive; nil: it does not watch.
    public let watchdog: Duration?

    /// None.
    public init() { (self.socket, self.watchdog) = (nil, nil) }

    /// - Parameter environment: NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID as they were at the start.
    init(environment: [String: String]) {
        self.socket = environment["NOTIFY_SOCKET"].flatMap { ($0.hasPrefix("/") || $0.hasPrefix("@")) && $0.utf8.count < 108 ? $0 : nil }
        let isOther = environment["WATCHDOG_PID"].map { $0 != "\(getpid())" } ?? false
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        self.watchdog = microseconds > 0 && !isOther ? .microseconds(microseconds) : nil
    }

    public func tell(_ statements: Statement...) { self.send(statements.map(\.text).joined(separator: "\n")) }

    public enum Statement: Hashable, Sendable {
        case ready
        /// The config is read again; `ready` follows.
        case reloading
        case stopping
        case alive
        /// One line for `systemctl status`.
        case status(String)
        /// The service's main process is now another one.
        case mainProcess(Int32)

        var text: String {
            switch self {
            case .ready: "READY=1"
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds)"
            case .stopping: "STOPPING=1"
            case .alive: "WATCHDOG=1"
            case .status(let line): "STATUS=\(line.map { $0.isNewline ? " " : $0 }.reduce(into: "") { $0.append($1) })"
            case .mainProcess(let number): "MAINPID=\(number)"
            }
        }

        private static var monotonicMicroseconds: Int {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
        }
    }

    /// Never waits.
    private func send(_ text: String) {
        guard let path = self.socket else { return }
        let file = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { return }
        defer { close(file) }
        // sockaddr_un by bytes: two of family, then the path, whose "@" stands for a zero (abstract).
        var address = [UInt8](repeating: 0, count: 2)
        withUnsafeBytes(of: sa_family_t(AF_UNIX)) { address.replaceSubrange(0..<2, with: $0) }
        address += path.utf8.enumerated().map { $0 == 0 && $1 == UInt8(ascii: "@") ? 0 : $1 }
        let octets = Array(text.utf8)
        _ = address.withUnsafeBytes { address in
            address.withMemoryRebound(to: sockaddr.self) { target in
                sendto(file, octets, octets.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL), target.baseAddress, socklen_t(address.count))
            }
        }
    }
}
