import Glibc
import NIOCore
public import Rules

/// The addresses that connections of this machine itself come from: a gateway on it has them when it is redirected.
public struct OutgoingAddresses: Hashable, Sendable {
    private let addresses: [IPAddress]

    public init(_ addresses: [IPAddress]) { self.addresses = addresses }

    /// Of a family; none where this machine does not have it.
    func of(_ family: IPAddress.Family) -> [IPAddress] { self.addresses.filter { $0.family == family } }

    /// For each family the one that the default route goes out from, else all that its interfaces have.
    public static var ofThisMachine: OutgoingAddresses {
        let own = ((try? System.enumerateDevices()) ?? []).compactMap { $0.address.flatMap { IPAddress($0) } }.filter {
            !$0.isLoopback && !$0.isLinkLocal
        }
        let routed = [Self.source(to: "192.0.2.1"), Self.source(to: "2001:db8::1")]
        return OutgoingAddresses(
            zip([IPAddress.Family.v4, .v6], routed).flatMap { family, source in source.map { [$0] } ?? own.filter { $0.family == family } })
    }

    /// What the kernel would choose as the source. Nothing is sent: that is how UDP connects.
    private static func source(to text: String) -> IPAddress? {
        guard let remote = try? SocketAddress(ipAddress: text, port: 25) else { return nil }
        let file = socket(remote.protocol == .inet ? AF_INET : AF_INET6, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard remote.withSockAddr({ connect(file, $0, socklen_t($1)) }) == 0 else { return nil }
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let answer = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(file, $0, &size) }
        }
        guard answer == 0 else { return nil }
        let local: SocketAddress? = withUnsafePointer(to: storage) { storage in
            switch Int32(storage.pointee.ss_family) {
            case AF_INET: storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee, host: "") }
            case AF_INET6: storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee, host: "") }
            default: nil
            }
        }
        return local.flatMap { IPAddress($0) }.flatMap { $0.isUnspecified || $0.isLoopback ? nil : $0 }
    }
}

extension IPAddress {
    /// 169.254.0.0/16 and fe80::/10: no mail leaves from there.
    fileprivate var isLinkLocal: Bool { ["169.254.0.0/16", "fe80::/10"].compactMap { AddressRange($0) }.contains { $0.contains(self) } }
}

extension IPAddress.Family {
    var word: String { self == .v4 ? "IPv4" : "IPv6" }
}
