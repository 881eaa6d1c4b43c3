import COpenSSL

/// What the handshake came to.
extension TLSConnection {
    /// - Parameters:
    ///   - names: whom the server's certificate may be for; nil on the server's side.
    ///   - others: whom else it is looked for.
    func facts(expecting names: [HostName]?, lookingFor others: [HostName] = []) -> TLSFacts {
        let cipher = SSL_get_current_cipher(self.ssl)
        let certificate = SSL_get1_peer_certificate(self.ssl).map { X509Certificate(taking: $0) }
        let peer = certificate?.described
        return TLSFacts(
            version: self.version, cipher: SSL_CIPHER_get_name(cipher).map { String(cString: $0) } ?? "none",
            bits: Int(SSL_CIPHER_get_bits(cipher, nil)),
            resumed: self.isResumed, peer: peer,
            chainDoubt: self.chainDoubt(certificate), nameDoubt: names.flatMap { Self.nameDoubt(certificate, peer, $0) },
            namedFor: Set(others.filter { certificate?.isFor($0) == true }.map(\.text)),
            requestedName: SSL_get_servername(self.ssl, TLSEXT_NAMETYPE_host_name).map {
                String(printable: String(cString: $0).utf8, limit: TLSBounds.nameLength)
            },
            weaknesses: self.weaknesses)
    }

    private var version: TLSVersion { TLSVersion(number: Int(SSL_version(self.ssl))) }

    private func chainDoubt(_ certificate: X509Certificate?) -> String? {
        guard certificate != nil else { return "no certificate" }
        let verdict = SSL_get_verify_result(self.ssl)
        return verdict == Int(X509_V_OK) ? nil : String(cString: X509_verify_cert_error_string(verdict))
    }

    /// Asked of the certificate itself, so that one fault does not hide the other, and again when a session is resumed.
    private static func nameDoubt(_ certificate: X509Certificate?, _ peer: TLSCertificate?, _ names: [HostName]) -> String? {
        guard let certificate, let peer else { return "no certificate" }
        if names.isEmpty { return "no name was expected" }
        if names.contains(where: certificate.isFor) { return nil }
        let own = peer.names.isEmpty ? peer.subject : peer.names.prefix(4).joined(separator: ", ") + (peer.names.count > 4 ? ", …" : "")
        return "the certificate is for \(own), not for \(names.map(\.text).joined(separator: " or "))"
    }

    private var isResumed: Bool { SSL_session_reused(self.ssl) == 1 }

    /// What there is of another age in this connection, whatever was allowed; also what there was in the handshake of a session that was resumed.
    var weaknesses: [TLSWeakness] {
        let shown = self.shownWeaknesses
        guard self.isResumed, let session else { return shown }
        return shown + session.weaknesses.filter { !shown.contains($0) }
    }

    private var shownWeaknesses: [TLSWeakness] {
        let certificate = SSL_get1_peer_certificate(self.ssl).map { X509Certificate(taking: $0) }
        let cipher = SSL_get_current_cipher(self.ssl)
        var found: [TLSWeakness] = []
        if self.version < .tls12 { found.append(.version(self.version)) }
        if self.version < .tls13, copenssl_safe_renegotiation(self.ssl) != 1 { found.append(.unsafeRenegotiation) }
        let bits = Int(SSL_CIPHER_get_bits(cipher, nil))
        if bits < 128 { found.append(.cipher(bits: bits)) }
        if let name = SSL_CIPHER_get_name(cipher), TLSWeakness.isBroken(String(cString: name)) { found.append(.brokenCipher(String(cString: name))) }
        if let certificate, certificate.securityBits < 112 { found.append(.certificateKey(bits: certificate.described.keyBits)) }
        // Before TLS 1.2 there is no other.
        let digest = copenssl_peer_signature_digest(self.ssl)
        if self.version >= .tls12, digest == NID_sha1 || digest == NID_md5 { found.append(.signature) }
        if let key = copenssl_exchange_key(self.ssl) {
            if EVP_PKEY_get_security_bits(key) < 112 { found.append(.exchange(bits: Int(EVP_PKEY_get_bits(key)))) }
            EVP_PKEY_free(key)
        }
        return found
    }
}
