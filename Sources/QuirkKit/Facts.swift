public import SMTPWire

/// What a quirk may know when it decides.
public struct Facts: Hashable, Sendable {
    /// Number of this connection in the session, from 1.
    public var connection: Int
    /// `MAIL` commands sent on this connection so far, refused ones too. When a reply is judged, the one in question is among them.
    public var mails: Int
    /// Messages that this connection has taken: a positive reply to the end of data.
    public var messages: Int
    /// Whether this connection has accepted a `MAIL` after a completed message.
    public var isReused: Bool
    /// Whether the command before the one in question was `RSET`, whoever sent it.
    public var followsReset: Bool
    /// Whether the transaction before was left open or failed on this connection, so that a 503 may be right (shape C).
    public var isUnclean: Bool
    /// Whether the remote accepted this transaction's `MAIL` on this connection.
    public var mailAccepted: Bool
    /// How many `RCPT`s of this transaction the remote accepted on this connection.
    public var recipientsAccepted: Int
    /// How far down the ladder of TLS the session is.
    public var rung: Rung
    /// What the remote's latest EHLO offers.
    public var keywords: Keywords?
    /// The repairs already tried for this transaction: one of each kind is allowed.
    public var tried: Set<Recovery>

    public init(
        connection: Int = 1, mails: Int = 0, messages: Int = 0, isReused: Bool = false, followsReset: Bool = false, isUnclean: Bool = false,
        mailAccepted: Bool = false, recipientsAccepted: Int = 0, keywords: Keywords? = nil, tried: Set<Recovery> = [], rung: Rung = .modern
    ) {
        self.rung = rung
        self.connection = connection
        self.mails = mails
        self.messages = messages
        self.isReused = isReused
        self.followsReset = followsReset
        self.isUnclean = isUnclean
        self.mailAccepted = mailAccepted
        self.recipientsAccepted = recipientsAccepted
        self.keywords = keywords
        self.tried = tried
    }
}
