import SMTPWire

/// What a repair found out about a remote. It becomes a learned quirk when the repair succeeds often enough.
public struct Finding: Hashable, Sendable {
    /// How the remote behaved: the shapes of the founding family (docs/design.md) by their letters, and others.
    public enum Shape: String, Hashable, Sendable {
        /// A: the sender of the message before sticks; `RSET` cures it on the same connection.
        case stickySender = "A"
        /// B: no second message on a connection, `RSET` or not.
        case noReuse = "B"
        /// D: a refusal that speaks of this connection or session, after so many messages.
        case limit = "D"
        /// E: the connection is closed without a word, after so many messages.
        case silence = "E"
        /// Only TLS of old versions, ciphers or keys.
        case legacyTLS = "legacy-tls"
        /// STARTTLS is offered and does not work.
        case brokenTLS = "broken-tls"
        /// It refuses what it should take: a command, a parameter, a value.
        case refusal
    }

    public let quirk: QuirkSetting
    public let shape: Shape
    /// The command that was answered so, as it was sent; no secret is ever in it.
    public let sent: String
    /// The reply, verbatim, or "(closed)" where the connection was closed instead.
    public let reply: String
    /// How many connections of this remote must have shown the same (same quirk, same options) before it is learned.
    public let needed: Int
    /// Seconds that must lie between the first and the last of those at least.
    public let span: Int
    /// Seconds for which it is believed, at most as long as configured (`learning.expires`); nil: just so long.
    public let lasts: Int?
    /// Whether it is probed hourly from the start, rather than from a day after learning.
    public let isProbedHourly: Bool
    /// Whether it is probed, and forgotten again when the remote has been repaired. Only for what the engine can repair on the spot: a probe that fails
    /// must not cost a message.
    public let heals: Bool

    /// The sender that it was found with: found again with the same one it is not counted again. Nil: each time counts.
    public let sender: String?

    public init(
        quirk: QuirkSetting, shape: Shape, sent: String, reply: String, needed: Int, heals: Bool, span: Int = 0, lasts: Int? = nil,
        isProbedHourly: Bool = false, sender: String? = nil
    ) {
        self.sender = sender
        self.span = span
        self.lasts = lasts
        self.isProbedHourly = isProbedHourly
        self.quirk = quirk
        self.shape = shape
        self.sent = sent
        self.reply = reply
        self.needed = needed
        self.heals = heals
    }

    /// That TLS with a remote has to be weaker, or cannot be. Whoever can disturb a connection can force this, so it takes three failures over an hour, is
    /// believed for three days, and is doubted each hour.
    public init(_ quirk: QuirkSetting, _ shape: Shape, weakenedBy failure: TLSFailure) {
        self.init(
            quirk: quirk, shape: shape, sent: Command.starttls.text, reply: failure.because, needed: 3, heals: true, span: 3600, lasts: 3 * 86_400,
            isProbedHourly: true)
    }
}
