import COpenSSL
import Synchronization

/// An SSL_CTX: settings shared by many connections. Set up once, then only read, which is what makes it safe to share;
/// new settings are a new context, and open connections keep theirs.
final class SSLContext: @unchecked Sendable {
    let pointer: OpaquePointer
    let age: TLSAge
    let keyLog: KeyLog?
    /// No two contexts of a process have the same.
    let generation: Int

    private static let made = Atomic<Int>(0)
    private static let name = "OpenSSLTLS"

    init(_ method: OpaquePointer?, _ age: TLSAge, keyLog path: String?) throws(TLSError) {
        // First, for an object that is not whole yet is not deinitialised.
        self.keyLog = if let path { try KeyLog(path) } else { nil }
        ERR_clear_error()
        guard let context = SSL_CTX_new(method) else { throw .setting("context", reason: OpenSSLWords.drained()) }
        self.pointer = context
        self.age = age
        self.generation = Self.made.add(1, ordering: .relaxed).newValue
        try self.prepare()
    }

    deinit { SSL_CTX_free(self.pointer) }

    private func prepare() throws(TLSError) {
        // Buffers are let go between records; a write may be taken in part, and tried again from another address.
        copenssl_mode(self.pointer, Int(SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER))
        SSL_CTX_set_options(self.pointer, copenssl_op_no_compression | copenssl_op_no_renegotiation)
        switch self.age {
        case .modern:
            try self.check("TLS 1.2", copenssl_min_version(self.pointer, TLS1_2_VERSION))
            if SSL_CTX_get_security_level(self.pointer) < 2 { SSL_CTX_set_security_level(self.pointer, 2) }
        case .legacy:
            try self.check("TLS 1.0", copenssl_min_version(self.pointer, TLS1_VERSION))
            try self.check("ciphers", SSL_CTX_set_cipher_list(self.pointer, "ALL:!aNULL:!eNULL:@SECLEVEL=0"))
            SSL_CTX_set_security_level(self.pointer, 0)
            SSL_CTX_set_options(self.pointer, copenssl_op_bug_workarounds)
        }
        if self.keyLog != nil {
            SSL_CTX_set_keylog_callback(self.pointer) { ssl, line in
                guard let ssl, let line else { return }
                TLSConnection.of(ssl)?.context.keyLog?.write(line)
            }
        }
    }

    func check(_ what: String, _ result: Int32) throws(TLSError) {
        guard result == 1 else { throw .setting(what, reason: OpenSSLWords.drained()) }
    }
}
