/// `[learning]`.
public struct Learning: Hashable, Sendable {
    public var enabled = true
    /// Seconds after which what was learned is forgotten.
    public var expires = 30 * 86400
    /// Seconds after which a learned quirk is probed.
    public var heal = 86400

    public init() {}
}

/// `[timeouts]`, all in seconds. RFC 5321 §4.5.3.2.
public struct TimeoutSettings: Hashable, Sendable {
    /// A connection to a remote, and a TLS handshake.
    public var connect = 30
    public var greeting = 300
    public var command = 300
    /// The 354.
    public var data = 120
    /// Between two pieces of content.
    public var content = 180
    /// The reply to the end of data.
    public var done = 900
    /// A silent gateway.
    public var idle = 300
    /// All that happens behind one command.
    public var repair = 120
    /// A graceful stop.
    public var drain = 80

    public init() {}
}

/// `[limits]`.
public struct LimitSettings: Hashable, Sendable {
    public var sessions = 10_000
    public var sessionsPerGateway = 2_000
    /// Lines of one reply.
    public var replyLines = 128
    /// Recipients of one transaction.
    public var recipients = 50_000

    public init() {}
}
