import COpenSSL

/// A file with certificates or a private key in PEM (RFC 7468), and what is wrong with it in words.
/// Passwords are never given; OpenSSL, left to itself, would ask for them at the terminal.
struct PEMFile {
    let path: String
    private let content: SecretBytes

    /// - Throws: ``TLSError/file(path:reason:)``.
    init(_ path: String, followsLink: Bool = true) throws(TLSError) {
        self.path = path
        self.content = try SecretBytes(contentsOf: path, limit: TLSBounds.pem, followsLink: followsLink)
    }

    /// All certificates, in the file's order; other blocks are passed over.
    func certificates() throws(TLSError) -> [X509Certificate] {
        let bio = try self.bio()
        defer { BIO_free(bio) }
        var found: [X509Certificate] = []
        ERR_clear_error()
        while let next = PEM_read_bio_X509(bio, nil, { _, _, _, _ in -1 }, nil) { found.append(X509Certificate(taking: next)) }
        let codes = OpenSSLWords.drain()
        guard codes.allSatisfy({ Self.isPEM($0, PEM_R_NO_START_LINE) }) else { throw self.wrong("broken certificate: \(OpenSSLWords.text(codes))") }
        guard !found.isEmpty else { throw self.wrong("there is no certificate in it (PEM, \"-----BEGIN CERTIFICATE-----\")") }
        return found
    }

    /// The first private key. The caller frees it.
    func key() throws(TLSError) -> OpaquePointer {
        let bio = try self.bio()
        defer { BIO_free(bio) }
        ERR_clear_error()
        if let key = PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil) { return key }
        let codes = OpenSSLWords.drain()
        if codes.contains(where: { Self.isPEM($0, PEM_R_BAD_PASSWORD_READ) }) {
            throw self.wrong("the key is locked with a password; it must be stored without")
        }
        throw self.wrong(
            // OpenSSL has the same words for no key and for a broken one.
            self.content.bytes.firstRange(of: Array("PRIVATE KEY-----".utf8)) != nil
                ? "broken private key: \(OpenSSLWords.text(codes))" : "there is no private key in it (PEM, \"-----BEGIN PRIVATE KEY-----\")")
    }

    private func wrong(_ reason: String) -> TLSError { .file(path: self.path, reason: reason) }

    private func bio() throws(TLSError) -> OpaquePointer {
        let bytes = self.content.bytes
        guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else { throw self.wrong("out of memory") }
        return bio
    }

    private static func isPEM(_ code: UInt, _ reason: Int32) -> Bool { ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == reason }
}
