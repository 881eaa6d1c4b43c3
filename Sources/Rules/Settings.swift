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

    /// What is shorter than a client must wait (RFC 5321 §4.5.3.2), and what it costs.
    public var cautions: [String] {
        let least: [(name: String, set: Int, least: Int, section: Int, cost: String)] = [
            ("greeting", self.greeting, 300, 1, "a slow host is given up, and its mail put off"),
            ("command", self.command, 300, 2, "a slow host is given up, and its mail put off"),
            ("data", self.data, 120, 4, "a slow host is given up, and its mail put off"),
            ("content", self.content, 180, 5, "a gateway that sends slowly is given up"),
            ("done", self.done, 600, 6, "a host that answers later has the message, and gets it again"),
        ]
        let short = least.filter { $0.set < $0.least }.map {
            "timeouts.\($0.name): \($0.set) s is less than the \($0.least) s of RFC 5321 section 4.5.3.2.\($0.section): \($0.cost)"
        }
        return short + (self.drain == 0 ? ["timeouts.drain: 0 s: each stop and each hand-over cuts the messages that are under way"] : [])
    }
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
