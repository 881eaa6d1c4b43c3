import NIOCore

/// What a host says and does next. Nothing else is heard before it is done.
enum Step: Sendable {
    case say(String)
    case raw(String)
    case pause(TimeAmount)
    /// Content up to the final dot is next on the wire.
    case takeContent
    /// So many octets are next on the wire.
    case takeChunk(Int)
    /// FIN, and what still comes is forgotten.
    case close
    /// A plain close.
    case leave
    /// A reset.
    case abort
    /// Reads no more, but stays.
    case stopReading
    /// TLS, or what the host does in its place.
    case startTLS
}
