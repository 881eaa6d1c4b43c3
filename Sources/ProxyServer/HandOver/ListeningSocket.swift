import Glibc
import NIOCore

/// A TCP socket that listens, as a file of ours beside the one that accepts: what waits in its queue outlives the one that accepts, and a successor inherits it.
final class ListeningSocket: Sendable {
    /// The longest queue of connections that nobody has accepted yet.
    static let backlog: Int32 = 1024

    let descriptor: Int32
    let address: SocketAddress

    deinit { close(self.descriptor) }

    /// Takes a file that somebody else opened, which is ours from then on.
    init(adopting descriptor: Int32) throws(IOError) {
        let isListening = Self.option(descriptor, SOL_SOCKET, SO_ACCEPTCONN)
        let isStream = Self.option(descriptor, SOL_SOCKET, SO_TYPE) == Int32(SOCK_STREAM.rawValue)
        guard let isListening, isStream, isListening != 0 else { throw IOError(errnoCode: ENOTSOCK, reason: "no TCP socket that listens") }
        guard let address = Self.address(of: descriptor), address.protocol != .unix else {
            throw IOError(errnoCode: EAFNOSUPPORT, reason: "neither IPv4 nor IPv6")
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        (self.descriptor, self.address) = (descriptor, address)
    }

    /// Opens one.
    init(at address: SocketAddress, isTransparent: Bool) throws(IOError) {
        let isV6 = address.protocol == .inet6
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let file = socket(isV6 ? AF_INET6 : AF_INET, kind, 0)
        guard file >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        do throws(IOError) {
            try Self.set(file, SOL_SOCKET, SO_REUSEADDR, 1)
            if isV6 { try Self.set(file, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
            if isTransparent { try Self.set(file, isV6 ? Int32(IPPROTO_IPV6) : Int32(IPPROTO_IP), isV6 ? Self.transparent6 : Self.transparent4, 1) }
            guard address.withSockAddr({ bind(file, $0, socklen_t($1)) }) == 0 else { throw IOError(errnoCode: errno, reason: "bind") }
            guard listen(file, Self.backlog) == 0 else { throw IOError(errnoCode: errno, reason: "listen") }
        } catch {
            close(file)
            throw error
        }
        (self.descriptor, self.address) = (file, Self.address(of: file) ?? address)
    }

    /// Another file of the same socket, for NIO, which closes it.
    func copy() throws(IOError) -> Int32 {
        let file = fcntl(self.descriptor, F_DUPFD_CLOEXEC, 0)
        guard file >= 0 else { throw IOError(errnoCode: errno, reason: "dup") }
        return file
    }

    /// NIO shortens the queue of a socket that it is given to 128.
    func restoreBacklog() { _ = listen(self.descriptor, Self.backlog) }

    /// IP_TRANSPARENT, IPV6_TRANSPARENT: connections to addresses of others come in here. Needs CAP_NET_ADMIN, where it was not set before.
    func becomeTransparent() throws(IOError) {
        let isV6 = self.address.protocol == .inet6
        let (level, option) = isV6 ? (Int32(IPPROTO_IPV6), Self.transparent6) : (Int32(IPPROTO_IP), Self.transparent4)
        if Self.option(self.descriptor, level, option) == 1 { return }
        try Self.set(self.descriptor, level, option, 1)
    }

    /// An IPv6 socket that takes IPv4 too would take the place of an IPv4 listener.
    var takesIPv4Too: Bool {
        self.address.protocol == .inet6 && Self.option(self.descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY) == 0
    }

    // Plain macros in the headers, so Swift does not import them.
    private static let (transparent4, transparent6): (Int32, Int32) = (19, 75)

    private static func set(_ file: Int32, _ level: Int32, _ option: Int32, _ value: Int32) throws(IOError) {
        var value = value
        guard setsockopt(file, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw IOError(errnoCode: errno, reason: "setsockopt")
        }
    }

    private static func option(_ file: Int32, _ level: Int32, _ option: Int32) -> Int32? {
        var (value, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        return getsockopt(file, level, option, &value, &size) == 0 ? value : nil
    }

    private static func address(of file: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let answer = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(file, $0, &size) }
        }
        guard answer == 0 else { return nil }
        return withUnsafePointer(to: storage) { storage in
            switch Int32(storage.pointee.ss_family) {
            case AF_INET: storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee, host: "") }
            case AF_INET6: storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee, host: "") }
            default: nil
            }
        }
    }
}
