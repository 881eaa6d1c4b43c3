import Glibc
import Rules

/// A connected TCP socket that waits only so long. Blocks its thread.
struct Socket: ~Copyable {
    private let descriptor: CInt
    /// Seconds that each wait may take.
    private let patience: Int
    /// The address that answered, without port.
    let address: String

    /// Tries the host's addresses one after the other.
    init(to endpoint: SocketEndpoint, patience: Int) throws(CallFault) {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(endpoint.host, "\(endpoint.port)", &hints, &found)
        guard code == 0 else { throw .noSuchHost(String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(found) }
        var tries: [String] = []
        var next = found
        while let candidate = next?.pointee, tries.count < 8 {
            let address = Self.text(candidate)
            switch Self.connected(candidate, patience: patience) {
            case .success(let descriptor):
                (self.descriptor, self.patience, self.address) = (descriptor, patience, address)
                return
            case .failure(let reason): tries.append("\(address): \(reason.words)")
            }
            next = candidate.ai_next
        }
        throw .unreachable(tries)
    }

    deinit { close(self.descriptor) }

    borrowing func write(_ bytes: [UInt8]) throws(CallFault) {
        var rest = bytes[...]
        let end = ContinuousClock.now + .seconds(self.patience)
        while !rest.isEmpty {
            try self.wait(for: POLLOUT, until: end)
            let count = rest.withUnsafeBytes { send(self.descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count < 0, errno != EINTR, errno != EAGAIN { throw .lost(String(cString: strerror(errno))) }
            rest = rest.dropFirst(max(0, count))
        }
    }

    /// What there is, at least an octet.
    borrowing func read(until end: ContinuousClock.Instant) throws(CallFault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16384)
        while true {
            try self.wait(for: POLLIN, until: end)
            let count = recv(self.descriptor, &bytes, bytes.count, 0)
            if count > 0 { return Array(bytes.prefix(count)) }
            guard count < 0 else { throw .closed }
            if errno != EINTR, errno != EAGAIN { throw .lost(String(cString: strerror(errno))) }
        }
    }

    private borrowing func wait(for event: CInt, until end: ContinuousClock.Instant) throws(CallFault) {
        guard Self.isReady(self.descriptor, for: event, until: end) else { throw .silent(self.patience) }
    }

    private static func isReady(_ descriptor: CInt, for event: CInt, until end: ContinuousClock.Instant) -> Bool {
        while true {
            let left = (end - .now) / .milliseconds(1)
            guard left > 0 else { return false }
            var ready = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            let count = poll(&ready, 1, CInt(left.rounded(.up)))
            if count > 0 { return true }
            if count < 0, errno != EINTR { return true }
        }
    }

    private struct Reason: Error { let words: String }

    private static func connected(_ candidate: addrinfo, patience: Int) -> Result<CInt, Reason> {
        let flags = CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(candidate.ai_family, candidate.ai_socktype | flags, candidate.ai_protocol)
        guard descriptor >= 0 else { return .failure(Reason(words: String(cString: strerror(errno)))) }
        var problem = connect(descriptor, candidate.ai_addr, candidate.ai_addrlen) == 0 ? 0 : errno
        if problem == EINPROGRESS {
            problem = ETIMEDOUT
            if self.isReady(descriptor, for: POLLOUT, until: .now + .seconds(patience)) {
                var size = socklen_t(MemoryLayout<CInt>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size)
            }
        }
        guard problem != 0 else { return .success(descriptor) }
        close(descriptor)
        return .failure(Reason(words: String(cString: strerror(problem))))
    }

    private static func text(_ candidate: addrinfo) -> String {
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(candidate.ai_addr, candidate.ai_addrlen, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
