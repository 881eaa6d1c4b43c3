import OpenSSLTLS
import SMTPWire

/// Why a conversation with a host came to its end before its time.
enum CallFault: Error, Hashable, CustomStringConvertible {
    case noSuchHost(String)
    /// What came of each of its addresses.
    case unreachable([String])
    case closed
    /// In the system's words.
    case lost(String)
    /// Nothing, or no whole reply, for so many seconds.
    case silent(Int)
    case garbled(ReplyFault)
    case tls(TLSError)

    var description: String {
        switch self {
        case .noSuchHost(let reason): "its name leads nowhere: \(reason)"
        case .unreachable(let tries): tries.joined(separator: "; ")
        case .closed: "the connection was closed"
        case .lost(let reason): "the connection was lost: \(reason)"
        case .silent(let seconds): "no reply within \(seconds) s"
        case .garbled(let fault): "what came is no reply: \(fault)"
        case .tls(let error): error.description
        }
    }
}
