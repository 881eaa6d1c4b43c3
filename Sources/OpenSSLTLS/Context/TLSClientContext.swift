import COpenSSL

/// What connections to servers have in common. Made once and shared; safe to use from any thread.
///
/// A server's certificate is always verified, but never ends the handshake: what there is to say against it is in ``TLSFacts``, and the caller decides.
/// The verdict is as strict for the old as for the modern: what `legacy` lets pass in the handshake is not trusted for it.
public final class TLSClientContext: Sendable {
    let settings: SSLContext
    public var age: TLSAge { self.settings.age }

    /// - Parameter keyLog: where the secrets of every connection are written, for Wireshark (NSS key log format). Whoever reads that file reads the traffic.
    /// - Throws: ``TLSError/file(path:reason:)``, ``TLSError/setting(_:reason:)``.
    public init(age: TLSAge = .modern, trust: TLSTrust = .system, keyLog: String? = nil) throws(TLSError) {
        self.settings = try SSLContext(TLS_client_method(), age, keyLog: keyLog)
        let context = self.settings.pointer
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
        try self.settings.trust(trust)
        if let parameters = SSL_CTX_get0_param(context) {
            X509_VERIFY_PARAM_set_auth_level(parameters, max(2, SSL_CTX_get_security_level(context)))
        }
        if case .legacy = age {
            try self.settings.check("TLS 1.2", copenssl_max_version(context, TLS1_2_VERSION))
            SSL_CTX_clear_options(context, copenssl_op_no_renegotiation)
            SSL_CTX_set_options(context, copenssl_op_legacy_server_connect | copenssl_op_unsafe_renegotiation)
        }
        // A ticket of TLS 1.3 comes after the handshake, and only this callback sees it.
        copenssl_cache_mode(context, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
        SSL_CTX_sess_set_new_cb(context) { ssl, session in
            if let ssl, let session { TLSConnection.of(ssl)?.keep(session) }
            return 0  // the reference stays OpenSSL's: what is kept is a copy
        }
    }
}
