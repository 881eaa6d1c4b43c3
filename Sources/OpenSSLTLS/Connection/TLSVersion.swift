/// A version of the protocol; the newer is the greater.
public struct TLSVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// As on the wire (RFC 8446 §5.1): 0x0303 is TLS 1.2.
    public let number: Int

    public static let tls10 = TLSVersion(number: 0x301)
    public static let tls11 = TLSVersion(number: 0x302)
    public static let tls12 = TLSVersion(number: 0x303)
    public static let tls13 = TLSVersion(number: 0x304)

    public static func < (one: TLSVersion, other: TLSVersion) -> Bool { one.number < other.number }

    /// As in RFC 8314 and everyone's logs: `TLSv1.2`.
    public var description: String {
        switch self {
        case .tls10: "TLSv1"
        case .tls11: "TLSv1.1"
        case .tls12: "TLSv1.2"
        case .tls13: "TLSv1.3"
        default: "TLS 0x" + String(self.number, radix: 16)
        }
    }
}
