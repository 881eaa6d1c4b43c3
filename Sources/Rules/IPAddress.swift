import Glibc

/// An IPv4 or IPv6 address. An IPv4-mapped one (::ffff:192.0.2.1) is the IPv4 address: the kernel speaks of one connection in both forms.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    public enum Family: Hashable, Sendable { case v4, v6 }

    public let family: Family
    /// In host order; of IPv4 the lower 32.
    let bits: UInt128

    /// `192.0.2.1` or `2001:db8::1`: no brackets, no zone, no port, no leading zeros in IPv4. Nil for anything else.
    public init?(_ text: String) {
        guard text.utf8.count <= 45, text.utf8.allSatisfy({ Self.allowed.contains($0) }) else { return nil }
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(.v4, withUnsafeBytes(of: v4) { Self.number($0) })
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            self.init(.v6, withUnsafeBytes(of: v6) { Self.number($0) })
        } else {
            return nil
        }
    }

    /// Four octets or sixteen, as they stand in a packet. Nil for any other number.
    public init?(octets: UnsafeRawBufferPointer) {
        switch octets.count {
        case 4: self.init(.v4, Self.number(octets))
        case 16: self.init(.v6, Self.number(octets))
        default: return nil
        }
    }

    init(_ family: Family, _ bits: UInt128) {
        let isMapped = family == .v6 && bits >> 32 == 0xffff
        self.family = isMapped ? .v4 : family
        self.bits = isMapped ? bits & 0xffff_ffff : bits
    }

    /// How many bits an address of this family has.
    var width: Int { self.family == .v4 ? 32 : 128 }

    /// 127.0.0.0/8 or ::1.
    public var isLoopback: Bool { self.family == .v4 ? self.bits >> 24 == 127 : self.bits == 1 }

    /// 0.0.0.0 or ::, on which a listener hears everything.
    public var isUnspecified: Bool { self.bits == 0 }

    /// As RFC 5952 writes it.
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let size = socklen_t(text.count)
        let bytes = (0..<self.width / 8).reversed().map { UInt8(truncatingIfNeeded: self.bits >> (8 * $0)) }
        guard inet_ntop(self.family == .v4 ? AF_INET : AF_INET6, bytes, &text, size) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static let allowed = Set("0123456789abcdefABCDEF:.".utf8)

    private static func number(_ bytes: UnsafeRawBufferPointer) -> UInt128 { bytes.reduce(0) { $0 << 8 | UInt128($1) } }
}
