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

    // MARK: Listening sockets that outlive a process (the file descriptor store, sd_notify(3))

    /// It keeps the socket open while the service is started anew, after a restart or a crash, and passes it to the next process: connections wait in its
    /// queue, and none is refused. One that it has already is not kept twice. Without `FileDescriptorStoreMax=` it does not.
    func keep(_ socket: ListeningSocket, as name: String) { self.send("FDSTORE=1\nFDNAME=\(name)\nFDPOLL=0", with: socket.descriptor) }

    /// It keeps the socket of that name no longer.
    func forget(_ name: String) { self.send("FDSTOREREMOVE=1\nFDNAME=\(name)") }

    /// Never waits.
    /// - Parameter passed: a file that the other side gets too.
    private func send(_ text: String, with passed: Int32? = nil) {
        guard let path = self.socket else { return }
        let file = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { return }
        defer { close(file) }
        // sockaddr_un by bytes: two of family, then the path, whose "@" stands for a zero (abstract).
        var address = [UInt8](repeating: 0, count: 2)
        withUnsafeBytes(of: sa_family_t(AF_UNIX)) { address.replaceSubrange(0..<2, with: $0) }
        address += path.utf8.enumerated().map { $0 == 0 && $1 == UInt8(ascii: "@") ? 0 : $1 }
        var octets = Array(text.utf8)
        var control = passed.map(Self.rights) ?? []
        let addressSize = socklen_t(address.count)
        _ = address.withUnsafeMutableBytes { address in
            octets.withUnsafeMutableBytes { octets in
                control.withUnsafeMutableBytes { control in
                    var part = iovec(iov_base: octets.baseAddress, iov_len: octets.count)
                    return withUnsafeMutablePointer(to: &part) { part in
                        var message = msghdr()
                        (message.msg_name, message.msg_namelen) = (address.baseAddress, addressSize)
                        (message.msg_iov, message.msg_iovlen) = (part, 1)
                        if control.count > 0 { (message.msg_control, message.msg_controllen) = (control.baseAddress, control.count) }
                        return sendmsg(file, &message, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
                    }
                }
            }
        }
    }

    /// SCM_RIGHTS with one file (unix(7)): a cmsghdr, the file's number, and what aligns them. Its macros are not in Swift's module Glibc.
    private static func rights(_ file: Int32) -> [UInt8] {
        let (header, alignment) = (MemoryLayout<Int>.size + 2 * MemoryLayout<Int32>.size, MemoryLayout<Int>.size)
        let length = header + MemoryLayout<Int32>.size
        var octets: [UInt8] = []
        withUnsafeBytes(of: length) { octets += $0 }
        for number in [SOL_SOCKET, 1, file] { withUnsafeBytes(of: number) { octets += $0 } }
        return octets + [UInt8](repeating: 0, count: (alignment - octets.count % alignment) % alignment)
    }
}
