import SMTPWire

/// A command on its way, and whom its reply concerns.
struct Exchange: Sendable {
    enum Purpose: Hashable, Sendable {
        /// The gateway waits for it.
        case relay
        /// A `RCPT` or `MAIL` of the envelope, by its place there; the gateway waits for it, or has heard its 2xx before (law 5).
        case envelope(Int)
        /// A command that the gateway was answered already, or that goes before a `MAIL` on a quirk's word.
        case swallow
        /// Likewise, and the transaction's `MAIL` is sent when it has been answered (the remote does not offer PIPELINING).
        case precedent
        /// The final dot: the reply to the message.
        case contentEnd
        /// A `BDAT` command with its octets.
        case chunk(isLast: Bool)
        /// RSET of a repair.
        case reset
        /// DATA that stands for a `BDAT` (the connection does not offer CHUNKING).
        case conversion
        /// AUTH, or an answer to its challenge.
        case authentication
        /// Overtaken by a repair.
        case discard

        var concernsGateway: Bool {
            switch self {
            case .relay, .envelope, .contentEnd, .chunk, .conversion, .precedent, .authentication: true
            case .swallow, .reset, .discard: false
            }
        }
    }

    let command: Command
    var purpose: Purpose
    /// No command may follow it before it is answered.
    var isAlone: Bool
}
