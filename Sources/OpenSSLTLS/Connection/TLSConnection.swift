import COpenSSL
import NIOCore

/// One connection as OpenSSL sees it, without a socket: what the peer sent is put in, what the peer is to get is taken out.
///
/// After an error it is good for nothing but taking the alert out.
final class TLSConnection {
    enum Reading: Hashable {
        /// All that came is used up.
        case hungry
        /// The peer has said close_notify: nothing it sends after that counts.
        case ended
    }

    let context: SSLContext
    let ssl: OpaquePointer
    private let bio: BufferBIO
    /// Where sessions go, on the client's side.
    private let onSession: ((TLSSession) -> Void)?
    /// That was offered to the server.
    let session: TLSSession?

    /// Towards a server.
    /// - Parameter name: for SNI; an address is never sent (RFC 6066 §3).
    init(to name: HostName?, _ context: TLSClientContext, resuming session: TLSSession?, onSession: ((TLSSession) -> Void)?) throws(TLSError) {
        (self.context, self.onSession, self.session) = (context.settings, onSession, session)
        (self.ssl, self.bio) = try Self.make(context.settings)
        copenssl_set_owner(self.ssl, Unmanaged.passUnretained(self).toOpaque())
        SSL_set_connect_state(self.ssl)
        if let name, name.kind == .name, copenssl_sni(self.ssl, name.text) != 1 { throw .name(name.text) }
        session?.offer(on: self.ssl)
    }

    /// Towards a client.
    init(_ context: TLSServerContext) throws(TLSError) {
        (self.context, self.onSession, self.session) = (context.settings, nil, nil)
        (self.ssl, self.bio) = try Self.make(context.settings)
        copenssl_set_owner(self.ssl, Unmanaged.passUnretained(self).toOpaque())
        SSL_set_accept_state(self.ssl)
    }

    private static func make(_ context: SSLContext) throws(TLSError) -> (OpaquePointer, BufferBIO) {
        ERR_clear_error()
        let bio = try BufferBIO()
        guard let ssl = SSL_new(context.pointer) else {
            BIO_free(bio.pointer)
            throw .setting("connection", reason: OpenSSLWords.drained())
        }
        SSL_set_bio(ssl, bio.pointer, bio.pointer)  // the SSL's from here on
        return (ssl, bio)
    }

    deinit { SSL_free(self.ssl) }

    /// The connection that a callback speaks of. Callbacks come only inside calls of the methods below.
    static func of(_ ssl: OpaquePointer) -> TLSConnection? {
        copenssl_owner(ssl).map { Unmanaged<TLSConnection>.fromOpaque($0).takeUnretainedValue() }
    }

    func keep(_ session: OpaquePointer) {
        guard let onSession = self.onSession, let session = TLSSession(session, weaknesses: self.weaknesses) else { return }
        onSession(session)
    }

    // MARK: Bytes

    func receive(_ bytes: ByteBuffer) {
        if self.bio.input.readableBytes == 0 {
            self.bio.input = bytes
        } else {
            self.bio.input.writeImmutableBuffer(bytes)
        }
    }

    /// What the peer sent and OpenSSL has not looked at.
    var unread: ByteBuffer { self.bio.input }

    /// Lets go of buffers that are used up: the receive buffer, and those in which OpenSSL makes its records (33 KB).
    /// `SSL_MODE_RELEASE_BUFFERS` alone leaves the one for writing behind where a ticket was read last.
    func settle() {
        if self.bio.input.readableBytes == 0 { self.bio.input = ByteBuffer() }
        SSL_free_buffers(self.ssl)
    }

    /// Octets that the peer is to get.
    var outputCount: Int { self.bio.output.readableBytes }

    /// Makes room once instead of growing bit by bit.
    func expectOutput(of plain: Int) {
        let needed = plain + (plain / TLSBounds.record + 1) * 64
        if self.bio.output.capacity == 0 { self.bio.output.reserveCapacity(min(needed, TLSBounds.read)) }
    }

    func takeOutput() -> ByteBuffer? {
        self.bio.output.readableBytes > 0 ? exchange(&self.bio.output, with: ByteBuffer()) : nil
    }

    // MARK: Steps

    /// Where the handshake has got to, in OpenSSL's words.
    var step: String { SSL_state_string_long(self.ssl).map { String(cString: $0) } ?? "" }

    /// - Returns: whether the handshake is over.
    func shakeHands() throws(TLSError) -> Bool {
        ERR_clear_error()
        let result = SSL_do_handshake(self.ssl)
        if result == 1 { return true }
        let step = self.step
        guard SSL_get_error(self.ssl, result) != SSL_ERROR_WANT_READ else { return false }
        let codes = OpenSSLWords.drain()
        throw OpenSSLWords.alert(in: codes).map { .alert(Self.words(ofAlert: $0), step: step) }
            ?? .handshake(reason: OpenSSLWords.text(codes), step: step)
    }

    /// Decrypts at the end of a buffer, until it has no more room.
    func read(into buffer: inout ByteBuffer) throws(TLSError) -> Reading? {
        while buffer.writableBytes > 0 {
            ERR_clear_error()
            var result: Int32 = 0
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 0) { target in
                result = SSL_read(self.ssl, target.baseAddress, Int32(clamping: target.count))
                return max(0, Int(result))
            }
            if result > 0 { continue }
            switch SSL_get_error(self.ssl, result) {
            case SSL_ERROR_WANT_READ: return .hungry
            case SSL_ERROR_ZERO_RETURN: return .ended
            default: throw self.broken()
            }
        }
        return nil
    }

    /// Encrypts from the beginning of a buffer.
    /// - Returns: how many octets were taken; 0 where the peer must speak first (renegotiation), after which the same octets, or more, must be given again.
    func write(_ buffer: ByteBuffer) throws(TLSError) -> Int {
        ERR_clear_error()
        let result = buffer.withUnsafeReadableBytes { SSL_write(self.ssl, $0.baseAddress, Int32(clamping: $0.count)) }
        if result > 0 { return Int(result) }
        guard SSL_get_error(self.ssl, result) == SSL_ERROR_WANT_READ else { throw self.broken() }
        return 0
    }

    /// Says close_notify. The peer's is not waited for.
    func sayGoodbye() {
        ERR_clear_error()
        SSL_shutdown(self.ssl)
        ERR_clear_error()
    }

    private func broken() -> TLSError {
        let codes = OpenSSLWords.drain()
        return OpenSSLWords.alert(in: codes).map { .alert(Self.words(ofAlert: $0), step: self.step) } ?? .record(reason: OpenSSLWords.text(codes))
    }

    private static func words(ofAlert number: Int32) -> String {
        SSL_alert_desc_string_long(number).map { "\(String(cString: $0)) (alert \(number))" } ?? "alert \(number)"
    }
}
