/// What a finished handshake came to.
public struct TLSFacts: Hashable, Sendable {
    public let version: TLSVersion
    /// OpenSSL's name of it: `TLS_AES_256_GCM_SHA384`.
    public let cipher: String
    /// The length of the cipher's key.
    public let bits: Int
    /// An earlier session was resumed. Its verdict on the chain is `chainDoubt` again.
    public let resumed: Bool
    /// The peer's certificate; nil on the server's side, which asks for none.
    public let peer: TLSCertificate?
    /// Why the certificate does not lead to an authority that is trusted, in OpenSSL's words; nil where it does. On the server's side always some words.
    public let chainDoubt: String?
    /// Why it is not the certificate of the host that was asked for; nil where it is.
    public let nameDoubt: String?
    /// Of the names that were looked for besides, those that the certificate is for. They say nothing of its chain.
    public let namedFor: Set<String>
    /// The name that a client asked for (SNI); of a resumed session only in TLS 1.3.
    public let requestedName: String?
    /// What is of another age, whatever was allowed; also of the handshake that a resumed session began with.
    public let weaknesses: [TLSWeakness]

    /// The peer is who we wanted to speak to.
    public var isVerified: Bool { self.chainDoubt == nil && self.nameDoubt == nil }

    /// Why the peer may be someone else; nil where it is verified.
    public var doubt: String? {
        let doubts = [self.chainDoubt, self.nameDoubt].compactMap { $0 }
        return doubts.isEmpty ? nil : doubts.joined(separator: "; ")
    }
}
