import NIOCore
import SMTPWire

/// What the gateway is doing, and so what its next octets mean.
enum Phase: Sendable {
    /// Before `.opened`.
    case waiting
    /// The first connection is being made; the gateway waits for its greeting.
    case opening
    case commands
    /// STARTTLS was sent on; what follows depends on the reply (passthrough).
    case startingTLS
    /// The gateway's leg is being encrypted.
    case securing
    /// AUTH goes to and fro.
    case authenticating(Authentication, awaits: Side)
    /// Mail data, up to the final dot.
    case data(Sending)
    /// Octets of a `BDAT` chunk.
    case chunk(ChunkTransfer)
    /// All of the mail data was written but for its end, which waits until the rest has left (`pix`).
    case holdingEnd
    /// The end of data was written: the remote has the word, and this message is never sent again (law 2).
    case final
    case relaying
    /// The gateway has heard its last words; the remote is being closed.
    case ending(because: String, by: SessionEnd)
    case over

    /// Where content goes.
    enum Sending: Sendable {
        case toRemote
        /// Nowhere: the rest is read and dropped, then this is the answer.
        case nowhere(answer: Reply)
    }

    struct ChunkTransfer: Sendable {
        /// Of the whole chunk.
        let octets: Int
        var remaining: Int
        let isLast: Bool
        var sending: Sending
    }
}

/// What a session wants to read of its gateway next.
public enum ExpectedInput: Hashable, Sendable {
    case nothing
    case command
    /// An answer to a challenge.
    case response
    case content
    /// So many octets, at most.
    case octets(Int)
}
