import COpenSSL

/// A session to resume: its secrets, the server's certificate and what was found of it, as octets (i2d_SSL_SESSION).
/// So it is small, belongs to no connection, and no two threads ever hold the same SSL_SESSION.
final class TLSSession: Sendable {
    private let bytes: SecretBytes
    /// Unix time after which it is not used.
    let expires: Int
    /// Of the handshake that it began with: a resumed one has no key exchange or signature that would show them.
    let weaknesses: [TLSWeakness]

    /// - Returns: nil where it cannot be resumed, or is too long to keep.
    init?(_ session: OpaquePointer, weaknesses: [TLSWeakness]) {
        let length = i2d_SSL_SESSION(session, nil)
        guard SSL_SESSION_is_resumable(session) == 1, length > 0, length <= TLSBounds.session else { return nil }
        self.bytes = SecretBytes(capacity: Int(length)) { storage in
            var end = storage.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return Int(i2d_SSL_SESSION(session, &end))
        }
        self.weaknesses = weaknesses
        self.expires = SSL_SESSION_get_time(session) + min(SSL_SESSION_get_timeout(session), TLSBounds.sessionLifetime)
    }

    /// Offers it to the server in the handshake to come.
    func offer(on ssl: OpaquePointer) {
        var start = self.bytes.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard let session = d2i_SSL_SESSION(nil, &start, self.bytes.count) else { return ERR_clear_error() }
        SSL_set_session(ssl, session)
        SSL_SESSION_free(session)
    }
}
