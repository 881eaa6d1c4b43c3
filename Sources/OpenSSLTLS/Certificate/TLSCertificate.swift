/// What a certificate says: a peer's, or our own. Text is printable and of bounded length; whether to believe it is another question.
public struct TLSCertificate: Hashable, Sendable {
    /// As in RFC 2253: `CN=mx.example.com,O=Example`.
    public let subject: String
    public let issuer: String
    /// The DNS names and addresses it is for (RFC 5280 §4.2.1.6), at most 64.
    public let names: [String]
    /// SHA-256 of the whole, as `openssl x509 -fingerprint -sha256` prints it.
    public let fingerprint: String
    /// The length of its key.
    public let keyBits: Int
    /// When it begins and ceases to be valid, in Unix time.
    public let notBefore: Int
    public let notAfter: Int
}
