public import NIOCore

/// A message that came whole: up to its final dot, or `BDAT … LAST` with its octets.
public struct Message: Sendable, Hashable {
    /// The connection it came on, from 1.
    public let connection: Int
    public let peer: SocketAddress?
    /// The reverse-path it is delivered with, without angle brackets.
    public let sender: String
    /// The forward-paths that were accepted, in their order, without angle brackets.
    public let recipients: [String]
    /// The parameters of `MAIL`.
    public let parameters: [String]
    /// The octets as they came: dot-stuffing removed, line ends untouched. Empty when contents are not recorded.
    public let content: [UInt8]
    /// Octets of content, recorded or not.
    public let size: Int
    public let chunked: Bool
    /// What was answered to its end; nil where nothing was.
    public internal(set) var reply: String?
    /// Law 4 broken: the sender that was refused when this message was sent, and in whose stead `sender` stands.
    public let refusedSender: String?

    public var accepted: Bool { self.reply?.first == "2" }
}

/// One connection, from its accept to its close.
public struct Visit: Sendable, Hashable {
    public let number: Int
    public let peer: SocketAddress?
    /// Greeted with `refusal`.
    public let refused: Bool
    public let opened: NIODeadline
    public internal(set) var closed: NIODeadline?
    /// `C:` and `S:` lines, `!` for who closed, in their order.
    public internal(set) var transcript: [String] = []
    /// What the gateway (or proxy) did that it must not: RFC violations and uses of what was not offered.
    public internal(set) var complaints: [String] = []
    /// Commands heard.
    public internal(set) var commands: [String] = []
    /// The TLS that stood.
    public internal(set) var handshake: Handshake?
    /// The lines of AUTH that were heard, secrets and all.
    public internal(set) var credentials: [String] = []
    /// Whether any of them came in clear text.
    public internal(set) var credentialsInClear = false
    /// `MAIL`s accepted, and messages accepted.
    public internal(set) var mails = 0
    public internal(set) var messages = 0
    /// Closed by the peer in the middle of content, or without `QUIT`.
    public internal(set) var abandonedContent = false
}

/// How much a host remembers. Counts are always kept.
public enum Recording: Int, Sendable, Comparable {
    case counts, envelopes, contents, everything

    public static func < (a: Recording, b: Recording) -> Bool { a.rawValue < b.rawValue }
}

/// What happened at a host so far.
public struct Counts: Sendable, Hashable {
    public var connections = 0
    public var refused = 0
    public var open = 0
    public var mostOpen = 0
    public var messages = 0
    public var octets = 0
}
