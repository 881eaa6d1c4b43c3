import COpenSSL

/// One reference to an X509.
final class X509Certificate: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over the caller's reference.
    init(taking pointer: OpaquePointer) { self.pointer = pointer }
    deinit { X509_free(self.pointer) }

    /// What it says of itself, made printable and cut where it is endless.
    var described: TLSCertificate {
        TLSCertificate(
            subject: self.text(X509_get_subject_name(self.pointer)), issuer: self.text(X509_get_issuer_name(self.pointer)),
            names: self.names, fingerprint: self.fingerprint, keyBits: self.key { Int(EVP_PKEY_get_bits($0)) } ?? 0,
            notBefore: Self.seconds(X509_get0_notBefore(self.pointer)), notAfter: Self.seconds(X509_get0_notAfter(self.pointer)))
    }

    /// Whether it is for this host.
    func isFor(_ name: HostName) -> Bool {
        switch name.kind {
        case .name: X509_check_host(self.pointer, name.text, name.text.utf8.count, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS), nil) == 1
        case .address: X509_check_ip_asc(self.pointer, name.text, 0) == 1
        }
    }

    /// How hard its key is to break, in bits of a symmetric key.
    var securityBits: Int { self.key { Int(EVP_PKEY_get_security_bits($0)) } ?? 0 }

    private func key<Answer>(_ ask: (OpaquePointer) -> Answer) -> Answer? { X509_get0_pubkey(self.pointer).map(ask) }

    /// As `openssl x509 -fingerprint -sha256` prints it.
    private var fingerprint: String {
        withUnsafeTemporaryAllocation(byteCount: Int(EVP_MAX_MD_SIZE), alignment: 1) { digest in
            var count: UInt32 = 0
            guard X509_digest(self.pointer, EVP_sha256(), digest.baseAddress?.assumingMemoryBound(to: UInt8.self), &count) == 1 else { return "" }
            return digest.prefix(Int(count)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: ":")
        }
    }

    private func text(_ name: OpaquePointer?) -> String {
        guard let bio = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(bio) }
        X509_NAME_print_ex(bio, name, 0, copenssl_name_style)
        return withUnsafeTemporaryAllocation(byteCount: TLSBounds.nameLength + 1, alignment: 1) { bytes in
            let count = max(0, Int(BIO_read(bio, bytes.baseAddress, Int32(bytes.count))))
            return String(printable: bytes.prefix(count), limit: TLSBounds.nameLength)
        }
    }

    private var names: [String] {
        guard let names = X509_get_ext_d2i(self.pointer, NID_subject_alt_name, nil, nil) else { return [] }
        let list = OpaquePointer(names)
        defer { GENERAL_NAMES_free(list) }
        var found: [String] = []
        for index in 0..<copenssl_count(names) where found.count < TLSBounds.names {
            var start: UnsafePointer<UInt8>?
            var count: Int32 = 0
            let kind = copenssl_alternative(list, index, &start, &count)
            let bytes = UnsafeBufferPointer(start: start, count: Int(count))
            if kind == GEN_DNS { found.append(String(printable: bytes, limit: TLSBounds.nameLength)) }
            if kind == GEN_IPADD, let address = HostName.address(bytes) { found.append(address) }
        }
        return found
    }

    /// Unix time.
    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int {
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard let epoch = ASN1_TIME_set(nil, 0) else { return 0 }
        defer { ASN1_TIME_free(epoch) }
        guard let time, ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return 0 }
        return Int(days) * 86_400 + Int(seconds)
    }
}
