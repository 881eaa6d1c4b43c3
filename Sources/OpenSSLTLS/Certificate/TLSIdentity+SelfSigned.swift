import COpenSSL
import Glibc

/// A certificate that nobody signed but itself: it encrypts, it proves nothing.
extension TLSIdentity {
    /// The identity kept in a file, which is made where there is none, where it has expired, or where it is for another name: one PEM file with
    /// certificate and key (ECDSA P-256, ten years), which only its owner may read. One that others may read is made anew: its key is no secret.
    /// - Throws: ``TLSError/file(path:reason:)`` also where something else is in the file, or the path is a symbolic link: that is neither overwritten nor followed. ``TLSError/name(_:)``.
    public static func selfSigned(for hostName: String, keptIn path: String) throws(TLSError) -> TLSIdentity {
        let name = try HostName(hostName)
        var info = stat()
        if lstat(path, &info) == 0 {
            let kept = try TLSIdentity(ownIn: path)
            if kept.certificate.notAfter > time(nil), kept.leaf.isFor(name), info.st_mode & self.tooWide == 0 { return kept }
        }
        try SelfSigned.pem(for: name).replace(path)
        return try TLSIdentity(ownIn: path)
    }

    private convenience init(ownIn path: String) throws(TLSError) {
        let file = try PEMFile(path, followsLink: false)
        try self.init(file, key: file)
    }

    /// To write for more than the owner, to read for more than the group.
    private static let tooWide: mode_t = 0o7137
}

private enum SelfSigned {
    private static let years = 10
    /// Clocks differ.
    private static let start = -3600
    /// The longest common name (RFC 5280, ub-common-name).
    private static let commonName = 64

    /// A new key and a certificate for it.
    static func pem(for name: HostName) throws(TLSError) -> SecretBytes {
        ERR_clear_error()
        // Memory that OpenSSL zeroes when it frees it.
        guard let key = copenssl_new_p256_key(), let certificate = X509_new().map(X509Certificate.init(taking:)), let bio = BIO_new(BIO_s_secmem())
        else {
            throw .setting("new certificate", reason: OpenSSLWords.drained())
        }
        defer {
            BIO_free(bio)
            EVP_PKEY_free(key)
        }
        guard self.describe(certificate.pointer, key, name), X509_sign(certificate.pointer, key, EVP_sha256()) > 0,
            PEM_write_bio_PrivateKey(bio, key, nil, nil, 0, nil, nil) == 1, PEM_write_bio_X509(bio, certificate.pointer) == 1
        else { throw .setting("new certificate", reason: OpenSSLWords.drained()) }
        return SecretBytes(capacity: BIO_ctrl_pending(bio)) { Int(BIO_read(bio, $0.baseAddress, Int32($0.count))) }
    }

    private static func describe(_ certificate: OpaquePointer, _ key: OpaquePointer, _ name: HostName) -> Bool {
        let subject = X509_get_subject_name(certificate)
        let commonName = Array(name.text.utf8.prefix(self.commonName))
        let kind = name.kind == .address ? GEN_IPADD : GEN_DNS
        let alternative = HostName.octets(of: name.text) ?? Array(name.text.utf8)
        return X509_set_version(certificate, Int(X509_VERSION_3)) == 1
            && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), UInt64.random(in: 1...UInt64(Int64.max))) == 1
            && X509_gmtime_adj(X509_getm_notBefore(certificate), self.start) != nil
            && X509_time_adj_ex(X509_getm_notAfter(certificate), Int32(365 * self.years + 3), 0, nil) != nil
            && X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, commonName, Int32(commonName.count), -1, 0) == 1
            && X509_set_issuer_name(certificate, subject) == 1
            && X509_set_pubkey(certificate, key) == 1
            && copenssl_add_alternative(certificate, kind, alternative, Int32(alternative.count)) == 1
            && copenssl_add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") == 1
            && copenssl_add_extension(certificate, NID_key_usage, "critical,digitalSignature") == 1
            && copenssl_add_extension(certificate, NID_ext_key_usage, "serverAuth") == 1
            && copenssl_add_extension(certificate, NID_subject_key_identifier, "hash") == 1
    }
}
