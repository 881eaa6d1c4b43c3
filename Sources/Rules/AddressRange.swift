/// A range of addresses, `192.0.2.0/24` or `2001:db8::/32`; a bare address is the range that holds only it.
public struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    /// Its first address.
    public let network: IPAddress
    /// Up to 32 for IPv4, up to 128 for IPv6.
    public let prefixLength: Int

    /// Bits beyond the prefix are cleared. Nil for anything but an address or a CIDR range.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress(String($0)) }) else { return nil }
        guard parts.count == 2 else {
            self.init(address, prefixLength: address.width)
            return
        }
        let digits = parts[1]
        guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            var length = Int(digits)
        else { return nil }
        if address.family == .v4, parts[0].contains(":") { length -= 96 }
        guard (0...address.width).contains(length) else { return nil }
        self.init(address, prefixLength: length)
    }

    /// The range around an address.
    init(_ address: IPAddress, prefixLength: Int) {
        let length = min(max(prefixLength, 0), address.width)
        let free = address.width - length
        self.network = IPAddress(address.family, free == 128 ? 0 : (address.bits >> free) << free)
        self.prefixLength = length
    }

    public func contains(_ address: IPAddress) -> Bool {
        address.family == self.network.family && AddressRange(address, prefixLength: self.prefixLength) == self
    }

    /// The bare address where it holds only one.
    public var description: String {
        self.prefixLength == self.network.width ? self.network.description : "\(self.network)/\(self.prefixLength)"
    }

    /// 127.0.0.0/8 and ::1.
    public static let loopback = [
        AddressRange(IPAddress(.v4, 127 << 24), prefixLength: 8), AddressRange(IPAddress(.v6, 1), prefixLength: 128),
    ]
}
