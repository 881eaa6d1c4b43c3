/// What TLS holds at most.
public enum TLSBounds {
    /// Octets that may be written before the handshake is over. After it nothing is kept here but the beginning of a record,
    /// and what the socket has not taken shows in the channel's `isWritable`.
    public static let pending = 262_144
    /// Plain octets of one record (RFC 8446 §5.1, RFC 5246 §6.2.1).
    static let record = 16_384
    /// Smaller writes are joined until a record is full.
    static let small = 4096
    /// Plain octets that are handed on in one piece.
    static let read = 65_536
    /// Encrypted octets beyond which no further record is put in the same piece, so that a piece stays below 64 KB.
    static let output = 48_000
    /// Octets of answers (key updates, renegotiation) while the peer takes nothing.
    static let answers = 65_536

    /// Octets of a file of certificates or of a key, and of one with many authorities.
    static let pem = 1_048_576
    /// Certificates of our own chain.
    static let chain = 16
    /// Names of a peer's certificate that are kept, and octets of each and of its subject.
    static let names = 64
    static let nameLength = 255

    /// Octets of a session to resume; longer ones are not kept.
    static let session = 16_384
    /// Seconds in which a session is resumed. Its verdict is as old as itself.
    static let sessionLifetime = 7200
}
