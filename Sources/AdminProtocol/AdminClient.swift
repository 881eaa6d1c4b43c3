import Glibc

/// A connection to the admin socket of a running Mailshim. Blocks its thread, each wait at most `patience` seconds.
///
/// As long as it is open, its end tells that the process at the other end has gone.
public struct AdminClient: ~Copyable {
    private let descriptor: CInt
    private let patience: Int
    private let path: String

    /// - Throws: `.unreachable` where nobody listens there.
    public init(path: String, patience: Int = 10) throws(AdminFailure) {
        self.descriptor = try Self.connected(path, patience)
        self.patience = patience
        self.path = path
    }

    private static func connected(_ path: String, _ patience: Int) throws(AdminFailure) -> CInt {
        guard var address = UnixAddress(path) else { throw AdminFailure(.unreachable, "\(path): the path of a socket has 1 to 107 octets") }
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw AdminFailure(.unreachable, "no socket: \(String(cString: strerror(errno)))") }
        var time = timeval(tv_sec: patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] { setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size)) }
        guard address.connect(descriptor) != 0 else { return descriptor }
        let problem = errno
        close(descriptor)
        let words =
            switch problem {
            case ENOENT: "there is no such socket: Mailshim does not run, or its [admin] socket is another"
            case ECONNREFUSED: "nobody listens there: Mailshim does not run"
            case EACCES, EPERM: "not permitted: be root, or in the group of the process"
            case EAGAIN: "it does not answer"
            default: String(cString: strerror(problem))
            }
        throw AdminFailure(.unreachable, "\(path): \(words)")
    }

    deinit { close(self.descriptor) }

    /// Asks, and waits for the answer.
    public borrowing func ask(_ request: AdminRequest) throws(AdminFailure) -> JSON {
        try self.write(Array(request.line.utf8))
        return try AdminReply.parse(try self.line())
    }

    /// Waits so long, or until the other end is closed. Nothing may be asked meanwhile.
    public borrowing func hasEnded(within milliseconds: Int32) -> Bool {
        var file = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&file, 1, milliseconds) > 0
    }

    private borrowing func write(_ bytes: [UInt8]) throws(AdminFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(self.descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw self.lost() }
            rest = rest.dropFirst(count)
        }
    }

    private borrowing func line() throws(AdminFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while bytes.last != UInt8(ascii: "\n") {
            let count = recv(self.descriptor, &piece, piece.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw self.lost(count == 0 ? "the connection was closed" : nil) }
            bytes += piece.prefix(count)
            guard bytes.count <= AdminReply.longest else { throw self.lost("the answer is too long") }
        }
        return bytes
    }

    private borrowing func lost(_ because: String? = nil) -> AdminFailure {
        let problem = errno
        let words = problem == EAGAIN ? "no answer within \(self.patience) s" : String(cString: strerror(problem))
        return AdminFailure(.unreachable, "\(self.path): \(because ?? words)")
    }
}
