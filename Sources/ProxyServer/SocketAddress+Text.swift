import NIOCore

extension SocketAddress {
    /// As it is logged: "192.0.2.1:25", "[2001:db8::1]:25".
    var text: String {
        switch self {
        case .v4: "\(self.ipAddress ?? ""):\(self.port ?? 0)"
        case .v6: "[\(self.ipAddress ?? "")]:\(self.port ?? 0)"
        case .unixDomainSocket: self.pathname ?? ""
        }
    }

    /// ::ffff:a.b.c.d as a.b.c.d: the kernel speaks of one connection in both forms.
    var unmapped: SocketAddress {
        guard case .v6(let v6) = self else { return self }
        return withUnsafeBytes(of: v6.address) { bytes in  // sockaddr_in6 holds the address in bytes 8 to 23
            guard bytes.count >= 24, bytes[8..<18].allSatisfy({ $0 == 0 }), bytes[18] == 255, bytes[19] == 255 else { return self }
            return (try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes[20..<24]), port: self.port ?? 0)) ?? self
        }
    }

    /// The same host, any port.
    var anyPort: SocketAddress {
        var address = self
        address.port = 0
        return address
    }
}
