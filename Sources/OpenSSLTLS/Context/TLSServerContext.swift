import COpenSSL

/// What connections from clients have in common. Made once and shared; safe to use from any thread.
///
/// Another certificate is another context: new connections get it, open ones keep theirs. Sessions are resumed by tickets, whose keys live and die with the context.
public final class TLSServerContext: Sendable {
    let settings: SSLContext
    public var age: TLSAge { self.settings.age }

    /// - Parameter keyLog: as for ``TLSClientContext``.
    /// - Throws: ``TLSError/file(path:reason:)``, ``TLSError/setting(_:reason:)`` (a modern server does not take a key of 1024 bits).
    public init(identity: TLSIdentity, age: TLSAge = .modern, keyLog: String? = nil) throws(TLSError) {
        self.settings = try SSLContext(TLS_server_method(), age, keyLog: keyLog)
        let context = self.settings.pointer
        copenssl_dh_auto(context)
        SSL_CTX_set_session_id_context(context, "OpenSSLTLS", 10)
        // Tickets alone: a cache would be memory for clients that may never come again.
        copenssl_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
        // One is enough: it can be used again.
        SSL_CTX_set_num_tickets(context, 1)
        try self.settings.check(
            identity.source, SSL_CTX_use_cert_and_key(context, identity.leaf.pointer, identity.key, identity.chain?.pointer, 1))
    }
}
