/// What a modern setting would not have let pass, and a legacy one did.
public enum TLSWeakness: Hashable, Sendable, CustomStringConvertible {
    /// TLS 1.0 or 1.1.
    case version(TLSVersion)
    /// The peer knows nothing of RFC 5746: somebody could have spoken to it before us on this connection (CVE-2009-3555).
    case unsafeRenegotiation
    /// Below 128 bits.
    case cipher(bits: Int)
    /// The key of the peer's certificate is easier to break than one of RSA 2048.
    case certificateKey(bits: Int)
    /// The peer signed the handshake with a digest that is broken.
    case signature
    /// The key of the exchange (DH of 1024 bits, for instance).
    case exchange(bits: Int)

    public var description: String {
        switch self {
        case .version(let version): "\(version)"
        case .unsafeRenegotiation: "no safe renegotiation"
        case .cipher(let bits): "cipher of \(bits) bits"
        case .certificateKey(let bits): "certificate key of \(bits) bits"
        case .signature: "signed with SHA-1 or MD5"
        case .exchange(let bits): "key exchange of \(bits) bits"
        }
    }
}
