/// Why there is no TLS on a connection.
public struct TLSFailure: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// The reply to STARTTLS, with its code.
        case reply(Int)
        /// What came for STARTTLS is no reply.
        case garbled
        /// TLS said no: version, cipher, key, alert, or garbage instead of a handshake.
        case handshake
        case closed
        /// TLS stood, and EHLO over it was refused with this code, HELO too; nil: the connection was closed, or what came was no reply.
        case hello(Int?)
        case stalled
        /// It is Mailshim's own: a setting or a file. It says nothing of the remote, and nobody is asked what to make of it.
        case ours
    }

    public let kind: Kind
    /// In words.
    public let because: String

    public init(_ kind: Kind, because: String) {
        self.kind = kind
        self.because = because
    }
}
