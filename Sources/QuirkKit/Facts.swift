public import SMTPWire

/// What a quirk may know when it judges: one connection and one transaction, as they stand when the answer comes.
public struct Facts: Hashable, Sendable {
    /// Number of this connection in the session, from 1.
    public var connection: Int
    /// `MAIL` commands sent on this connection so far, refused ones and the one in question too.
    public var mails: Int
    /// Those of them that came before this transaction.
    public var mailsBefore: Int
    /// Messages that this connection has taken: a positive reply to the end of data.
    public var messages: Int
    /// Whether this connection has accepted a `MAIL` after a completed message.
    public var isReused: Bool
    /// Whether this transaction's `MAIL` came directly behind a `RSET`, whoever sent it.
    public var followsReset: Bool
    /// Whether the transaction before was left open or failed on this connection, so that a 503 may be right.
    public var transactionLeftOpen: Bool
    /// Whether the last reply on this connection was a refusal: a close behind it goes with it.
    public var followsRefusal: Bool
    /// Whether the remote accepted this transaction's `MAIL` on this connection.
    public var mailAccepted: Bool
    /// How many `RCPT`s of this transaction the remote accepted on this connection.
    public var recipientsAccepted: Int
    /// How many of earlier transactions it accepted on this connection.
    public var recipientsBefore: Int
    /// What the remote's latest EHLO offers.
    public var keywords: Keywords?
    /// Whether the connection is encrypted.
    public var isEncrypted: Bool
    /// Whether a rule demands TLS of this remote.
    public var demandsTLS: Bool
    /// What the host did well lately, to any session.
    public var abilities: Set<Ability>
    /// Other connections of ours to the host that are past their greeting, or were closed within five seconds before this one was made.
    public var alongside: Int
    /// Of the commands that were sent without waiting for replies: how many there are, the one in question too, and how many were answered before it.
    public var group: Group
    /// What is done differently with this host now.
    public var workarounds: Workarounds

    public init(
        connection: Int = 1, mails: Int = 0, mailsBefore: Int? = nil, messages: Int = 0, isReused: Bool = false, followsReset: Bool = false,
        transactionLeftOpen: Bool = false, followsRefusal: Bool = false, mailAccepted: Bool = false, recipientsAccepted: Int = 0,
        recipientsBefore: Int = 0,
        keywords: Keywords? = nil,
        isEncrypted: Bool = false, demandsTLS: Bool = false, abilities: Set<Ability> = [], group: Group = Group(), alongside: Int = 0,
        workarounds: Workarounds = Workarounds()
    ) {
        self.connection = connection
        self.mails = mails
        self.mailsBefore = mailsBefore ?? max(0, mails - 1)
        self.messages = messages
        self.isReused = isReused
        self.followsReset = followsReset
        self.transactionLeftOpen = transactionLeftOpen
        self.followsRefusal = followsRefusal
        self.mailAccepted = mailAccepted
        self.recipientsAccepted = recipientsAccepted
        self.recipientsBefore = recipientsBefore
        self.keywords = keywords
        self.isEncrypted = isEncrypted
        self.demandsTLS = demandsTLS
        self.abilities = abilities
        self.group = group
        self.alongside = alongside
        self.workarounds = workarounds
    }

    /// A pipelined group (RFC 2920).
    public struct Group: Hashable, Sendable {
        public var commands: Int
        public var answered: Int

        public init(commands: Int = 1, answered: Int = 0) { (self.commands, self.answered) = (commands, answered) }
    }
}
