import QuirkKit
import SMTPWire

/// What a remote does instead of answering: the words of log and reply, and what quirks are told of it, are made from it.
enum RemoteFault: Hashable, Sendable {
    case closed
    /// Its QUIT was sent, and it neither answers nor closes.
    case lingers
    case timedOut
    case garbled(ReplyFault)
    /// A reply that cannot be one to what was said: 354 to RCPT, 1xx.
    case unexpected(String)
    case spokeUnasked
    case takesNoMore

    var because: String {
        switch self {
        case .closed: "connection closed"
        case .lingers, .timedOut: "no reply in time"
        case .garbled(let fault): "its reply was malformed: \(fault)"
        case .unexpected(let reply): "unexpected reply \(reply)"
        case .spokeUnasked: "it spoke unasked"
        case .takesNoMore: "it takes no more of the mail data"
        }
    }

    /// Whether the connection is closed already, so that nothing has to be cut off.
    var isClose: Bool { self == .closed || self == .lingers }

    /// As quirks are told; nil: it teaches nothing.
    /// - Parameter delay: since the reply before.
    func answer(after delay: Duration) -> Answer? {
        switch self {
        case .closed, .lingers: .closed(after: delay)
        case .timedOut: .timedOut
        case .garbled(let fault): .garbled(fault)
        case .unexpected, .spokeUnasked, .takesNoMore: nil
        }
    }
}
