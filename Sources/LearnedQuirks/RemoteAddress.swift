import Glibc

/// An address as people type it, with or without a port, in the one form in which the memory keeps it (as inet_ntop writes it).
struct RemoteAddress: Hashable, Sendable {
    let address: String
    let port: Int?
    let isIPv6: Bool

    /// "192.0.2.1", "192.0.2.1:25", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:25"
    init?(_ text: String) {
        let (host, port): (Substring, Substring?)
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { return nil }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.firstIndex(of: ":"), text[text.index(after: colon)...].contains(":") {
            (host, port) = (text[...], nil)
        } else {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            (host, port) = (parts.first ?? "", parts.count > 1 ? parts[1] : nil)
        }
        self.isIPv6 = host.contains(":")
        guard let address = Self.canonical(String(host), isIPv6: self.isIPv6) else { return nil }
        self.address = address
        switch port {
        case nil: self.port = nil
        case let port?:
            guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port), (1...65535).contains(number) else { return nil }
            self.port = number
        }
    }

    /// As the memory keys it.
    func text(standardPort: Int = 25) -> String {
        let port = self.port ?? standardPort
        return self.isIPv6 ? "[\(self.address)]:\(port)" : "\(self.address):\(port)"
    }

    /// Whether a key of the memory is meant: without a port, those of all ports.
    func means(_ remote: String) -> Bool {
        guard let other = RemoteAddress(remote) else { return false }
        return other.address == self.address && (self.port == nil || other.port == self.port)
    }

    private static func canonical(_ host: String, isIPv6: Bool) -> String? {
        let family = isIPv6 ? AF_INET6 : AF_INET
        var address = in6_addr()  // room for either
        guard !host.utf8.contains(0), inet_pton(family, host, &address) == 1 else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            guard let base = text.baseAddress, inet_ntop(family, &address, base, socklen_t(text.count)) != nil else { return nil }
            return String(cString: base)
        }
    }
}
