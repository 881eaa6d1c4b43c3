public import NIOCore
public import OpenSSLTLS

/// TLS of a host, and what is odd about it. The certificate and the versions are the context's.
public struct HostTLS: Sendable {
    /// What follows the 220 to STARTTLS, or with `isImplicit` the connect.
    public enum Manner: Sendable, Hashable {
        case shakesHands
        /// Never answers the handshake.
        case stalls
        /// Answers the handshake with this, in clear text.
        case garbage(String)
        /// Closes, or resets, when the handshake begins.
        case closes
        case resets
    }

    public var context: TLSServerContext
    /// From the first byte, and no STARTTLS.
    public var isImplicit = false
    public var manner = Manner.shakesHands
    /// In clear text behind the 220, in the same segment.
    public var injects: String?
    /// The same, so much later and in a segment of its own, before the handshake.
    public var injectsLater: (delay: TimeAmount, text: String)?
    /// What EHLO offers over TLS besides what it offers in clear text without STARTTLS; AUTH for instance.
    public var keywords: [String] = []
    /// `STARTTLS` is not offered, and is not known: as seen by whoever sits behind an attacker that strips it.
    public var isStripped = false
    /// On which connections it is so, counted from 1; on the others there is no TLS at all.
    public var connections: @Sendable (Int) -> Bool = { _ in true }

    public init(_ context: TLSServerContext) { self.context = context }
}

/// What a host found out in a handshake.
public struct Handshake: Sendable, Hashable {
    /// "TLSv1.3"
    public let version: String
    public let isResumed: Bool
    /// SNI.
    public let name: String?
}
