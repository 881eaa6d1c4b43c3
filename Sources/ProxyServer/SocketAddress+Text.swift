import NIOCore

extension SocketAddress {
    /// As it is logged: "192.0.2.1:25", "[2001:db8::1]:25".
    var text: String {
        switch self {
        case .v4: "\(self.host):\(self.port ?? 0)"
        case .v6: "[\(self.host)]:\(self.port ?? 0)"
        case .unixDomainSocket: self.pathname ?? ""
        }
    }

    /// Without the port: "192.0.2.1", "2001:db8::1". Every session is named by three of them, so IPv4 goes without inet_ntop and its printf.
    var host: String {
        guard case .v4 = self else { return self.ipAddress ?? "" }
        return self.withOctets { octets in
            var host = ""
            for octet in octets {
                if !host.isEmpty { host += "." }
                host += String(octet)
            }
            return host
        }
    }

    /// The octets of the address; of a path none.
    func withOctets<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        switch self {
        // sockaddr_in holds the address in bytes 4 to 7, sockaddr_in6 in bytes 8 to 23.
        case .v4(let v4): withUnsafeBytes(of: v4.address) { body(.init(rebasing: $0[4..<8])) }
        case .v6(let v6): withUnsafeBytes(of: v6.address) { body(.init(rebasing: $0[8..<24])) }
        case .unixDomainSocket: body(.init(start: nil, count: 0))
        }
    }

    /// ::ffff:a.b.c.d as a.b.c.d: the kernel speaks of one connection in both forms.
    var unmapped: SocketAddress {
        guard case .v6 = self else { return self }
        return self.withOctets { octets in
            guard octets[..<10].allSatisfy({ $0 == 0 }), octets[10] == 255, octets[11] == 255 else { return self }
            return (try? SocketAddress(packedIPAddress: ByteBuffer(bytes: octets[12...]), port: self.port ?? 0)) ?? self
        }
    }

    /// The same host, any port.
    var anyPort: SocketAddress {
        var address = self
        address.port = 0
        return address
    }
}
