/// What can go wrong with TLS: one case a misdeed, with OpenSSL's words where it has any.
public enum TLSError: Error, Hashable, Sendable {
    // Before any connection.

    /// A file of certificates, keys or trust, or the key log, is of no use.
    case file(path: String, reason: String)
    /// The private key belongs to another certificate.
    case keyDoesNotMatch(certificate: String, key: String)
    /// OpenSSL does not take what we set.
    case setting(String, reason: String)
    /// No name of a host: empty, too long, or with octets that no such name has.
    case name(String)

    // Before or in the handshake.

    /// The caller had read so many octets that it had not used. They came in clear text, so nothing may be done with them, nor after them.
    case plaintext(octets: Int)
    /// The peer speaks something else than TLS. `start` is how it began, made printable: of a server 64 octets, of a client 4 (a secret may follow).
    case notTLS(start: String)
    /// The peer refused the handshake, or broke the connection off later, with this alert.
    case alert(String, step: String)
    /// We refused the handshake.
    case handshake(reason: String, step: String)
    /// The connection ended in the middle of the handshake.
    case hungUp(reason: String, step: String)

    // After the handshake.

    /// What the peer sent is not what belongs to this connection: altered, out of order, or nonsense.
    case record(reason: String)
    /// The peer makes us answer again and again, and does not read the answers.
    case flood
    /// More was written before the handshake was over than is kept (``TLSBounds/pending``).
    case overflow
}

extension TLSError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let path, let reason): "\(path): \(reason)"
        case .keyDoesNotMatch(let certificate, let key): "\(key): the key does not match the certificate in \(certificate)"
        case .setting(let what, let reason): "\(what): \(reason)"
        case .name(let name): "\"\(String(printable: name.utf8, limit: 100))\" cannot be the name of a host"
        case .plaintext(let octets): "\(octets) octets of clear text in front of the handshake"
        case .notTLS(let start): "not TLS: \"\(start)\""
        case .alert(let words, let step): "the peer says \(words) (\(step))"
        case .handshake(let reason, let step): "handshake failed: \(reason) (\(step))"
        case .hungUp(let reason, let step): "handshake not finished: \(reason) (\(step))"
        case .record(let reason): "broken off: \(reason)"
        case .flood: "broken off: the peer demands answers and does not read them"
        case .overflow: "too much was written before the handshake was over"
        }
    }
}
