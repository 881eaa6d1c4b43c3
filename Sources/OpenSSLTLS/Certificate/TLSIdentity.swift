import COpenSSL

/// Who we are: a certificate, those that lead from it to an authority, and the private key. Never changes; safe to share.
public final class TLSIdentity: @unchecked Sendable {
    let leaf: X509Certificate
    let chain: X509Chain?
    let key: OpaquePointer
    /// The file of the certificate, for errors.
    let source: String
    /// What our own certificate says.
    public let certificate: TLSCertificate

    /// - Parameters:
    ///   - certificate: a PEM file: our certificate first, then the chain, the root not needed.
    ///   - key: a PEM file with its private key, not locked with a password; may be the same file.
    /// - Throws: ``TLSError/file(path:reason:)``, ``TLSError/keyDoesNotMatch(certificate:key:)``.
    public convenience init(certificate: String, key: String) throws(TLSError) {
        try self.init(PEMFile(certificate), key: PEMFile(key))
    }

    init(_ certificate: PEMFile, key: PEMFile) throws(TLSError) {
        let certificates = try certificate.certificates()
        guard let leaf = certificates.first else { throw .file(path: certificate.path, reason: "there is no certificate in it") }
        guard certificates.count <= TLSBounds.chain else { throw .file(path: certificate.path, reason: "more than \(TLSBounds.chain) certificates") }
        self.leaf = leaf
        self.chain = try X509Chain(certificates.dropFirst())
        self.key = try key.key()
        self.source = certificate.path
        self.certificate = leaf.described
        ERR_clear_error()
        guard X509_check_private_key(leaf.pointer, self.key) == 1 else {
            ERR_clear_error()
            throw .keyDoesNotMatch(certificate: certificate.path, key: key.path)
        }
    }

    deinit { EVP_PKEY_free(self.key) }
}

/// A STACK_OF(X509).
final class X509Chain: @unchecked Sendable {
    let pointer: OpaquePointer

    /// - Returns: nil for no certificates.
    init?(_ certificates: some Collection<X509Certificate>) throws(TLSError) {
        if certificates.isEmpty { return nil }
        guard let pointer = copenssl_new_chain() else { throw .setting("chain", reason: "out of memory") }
        self.pointer = pointer
        for certificate in certificates where X509_up_ref(certificate.pointer) == 1 { copenssl_push(pointer, certificate.pointer) }
    }

    deinit { copenssl_free_chain(self.pointer) }
}
