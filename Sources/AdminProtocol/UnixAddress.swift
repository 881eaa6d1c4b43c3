import Glibc

/// The address of a Unix domain socket (unix(7)).
public struct UnixAddress {
    /// Octets of a path, without the NUL behind it.
    public static let longestPath = 107

    private var address = sockaddr_un()

    /// Nil where the path is empty, too long, or has a NUL in it.
    public init?(_ path: String) {
        let octets = Array(path.utf8)
        guard (1...Self.longestPath).contains(octets.count), !octets.contains(0) else { return nil }
        self.address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &self.address.sun_path) { $0.copyBytes(from: octets) }
    }

    private static let size = socklen_t(MemoryLayout<sockaddr_un>.size)

    public mutating func connect(_ descriptor: CInt) -> CInt {
        withUnsafePointer(to: &self.address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, Self.size) }
        }
    }

    public mutating func bind(_ descriptor: CInt) -> CInt {
        withUnsafePointer(to: &self.address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(descriptor, $0, Self.size) }
        }
    }
}
