/// What there is in a connection that is of another age. All but the key of a certificate, which a modern setting only doubts, it would have refused.
public enum TLSWeakness: Hashable, Sendable, CustomStringConvertible {
    /// TLS 1.0 or 1.1.
    case version(TLSVersion)
    /// The peer knows nothing of RFC 5746: somebody could have spoken to it before us on this connection (CVE-2009-3555).
    case unsafeRenegotiation
    /// Below 128 bits.
    case cipher(bits: Int)
    /// RC4 (RFC 7465) or MD5, whatever the length of the key.
    case brokenCipher(String)
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
        case .brokenCipher(let name): "broken cipher \(name)"
        case .certificateKey(let bits): "certificate key of \(bits) bits"
        case .signature: "signed with SHA-1 or MD5"
        case .exchange(let bits): "key exchange of \(bits) bits"
        }
    }

    /// By OpenSSL's name of a cipher: `RC4-SHA`, `ADH-RC4-MD5`.
    static func isBroken(_ cipher: String) -> Bool { cipher.split(separator: "-").contains { $0 == "RC4" || $0 == "MD5" } }
}
