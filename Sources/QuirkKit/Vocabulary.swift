/// The words by which hosts are understood, in one place. Phrases as ``Words`` has them: a space before, and one behind where the word ends.
/// Tests/PluginTests/EvidenceTests.swift has what real hosts say.
enum Vocabulary {
    // MARK: This connection or session

    /// What a connection has its share of.
    static let shares = [
        " message ", " messages ", " msg ", " msgs ", " mail ", " mails ", " email ", " emails ", " transaction ", " transactions ", " recipient ",
        " recipients ", " rcpt ", " rcpts ", " delivery ", " deliveries ", " envelope ", " envelopes ",
    ]

    static let recipientShares = [" recipient ", " recipients ", " rcpt ", " rcpts "]

    /// "per session", "in this connection", ...: not "closing connection", nor "unencrypted connections".
    static let thisSession =
        ["per", "this", "each", "every", "one", "single", "same", "current", "your"].flatMap { which in
            ["connection", "session", "conversation", "connect", "dialog", "dialogue", "channel"].map { " \(which) \($0) " }
        } + ["in", "on", "for"].flatMap { [" \($0) the session ", " \($0) the connection "] }

    static let excess = [
        " too many ", " max", " limit", " exceed", " reached ", " quota", " only one ", " only # ", " only a single ", " no more ", " no further ",
        " more than ",
    ]

    /// Its time is over.
    static let ends = [
        " connection time ", " connection duration ", " connection lifetime ", " connection age ", " connection expired ", " session time ",
        " session duration ", " session lifetime ", " session maximum lifetime ", " session expired ", " session has expired ", " open too long ",
        " connected too long ", " batch limit ",
    ]

    /// Many refusals on this connection. At `RCPT` that is how a host fends off whoever tries out its addresses.
    static let errors = [" too many errors "]

    static let idleness = [" timeout ", " timed out ", " idle ", " idling ", " inactiv"]

    /// What a refusal is about that has no enhanced code to say so: a parameter of `MAIL` or `RCPT`.
    static let parameters = [
        " parameter", " option", " argument", " unsupported ", " not supported ", " not implemented ", " extension", " size ", " auth ", " body ",
        " ret ",
        " envid ", " notify ", " orcpt ",
    ]

    /// What is too much is one message, not many.
    static let oneMessage = [
        " size ", " too large ", " too big ", " per message ", " per mail ", " per email ", " each message ", " for this message ",
        " in this message ",
        " this message has ",
    ]

    // MARK: Recipients

    static let recipients = [" recipient"]

    /// Too many of them; at `MAIL`, where none was said, that can only be those of the messages before.
    static let tooManyRecipients = [
        " too many recipients ", " too many rcpt", " recipient limit", " recipients limit", " maximum recipients", " max recipients",
        " limit for recipients ", " limit of recipients ", " number of recipients ",
    ]

    // MARK: Senders

    /// The null one among them.
    static let senders = [
        " sender", " null ", " empty ", " blank ", " bounce", " reverse path ", " return path ", " envelope from ", " mail from ", " mailfrom ",
    ]

    /// Of several domains in one transaction.
    static let severalDomains = [
        " multiple destination domains ", " multiple recipient domains ", " several destination domains ", " different destination domains ",
        " different recipient domains ", " only one destination domain ", " only one recipient domain ", " only one domain per ",
        " one domain per transaction ", " one domain per message ", " one recipient domain per ", " one destination domain per ",
        " domain policy size per transaction ",
    ]

    /// What it waited for.
    static let input = [" waiting for input ", " waiting for data ", " waiting for more ", " incomplete input ", " unexpected end of input ", " no input "]

    // MARK: To reconnect would be evasion

    /// Limits that hold across connections, and are no less so where this session is named besides.
    static let quotas = [
        " greylist", " graylist", " grey list", " gray list", " too many connections ", " too many sessions ", " concurrent", " simultaneous",
        " rate ",
        " throttl", " too fast ", " too quickly ", " slow down ", " hour ", " hours ", " hourly ", " day ", " days ", " today ", " daily ", " week ",
        " weekly ", " month ", " monthly ", " per minute ", " a minute ", " this minute ", " per second ", " per # ", " in # ", " within # ",
        " every # ",
        " in the last ", " within the last ", " in the past ", " ip ", " your address ", " your host ", " your domain ",
        // Whoever tries out addresses.
        " harvest", " invalid recipient", " invalid rcpt", " invalid user", " invalid address", " unknown recipient", " unknown rcpt",
        " unknown user",
        " unknown address", " bad recipient", " bad rcpt", " bad address", " nonexistent ", " non existent ", " rejected recipient",
        " failed recipient",
    ]

    /// Words that say so too, unless this session is named.
    static let deferrals = [
        " try again later ", " try later ", " from your ", " your server ", " your client ", " your account ", " this client ", " this host ",
        " this server ", " this sender ",
    ]

    /// Whoever is kept out so would come in by another connection.
    static let policies = [
        " blocked ", " blacklist", " blocklist", " block list ", " banned ", " reputation ", " intrusion ", " abuse ", " abusive ",
        " not authorized ",
        " access denied ",
    ]

    // MARK: Refusals of the connection or its rate

    static let connections = [
        " too many connections ", " too many concurrent ", " too many simultaneous ", " too many sessions ", " too many open connections ",
        " concurrent connection", " concurrent session", " simultaneous connection", " simultaneous session", " number of concurrent ",
        " number of simultaneous ", " number of connections ", " maximum connections ", " max connections ", " connection limit",
        " connections limit",
        " connection rate", " connection frequency ", " connection count ", " connections per ", " connection refused ", " connections refused ",
        " connection rejected ", " connection denied ", " connecting too ", " connect too ",
    ]

    /// At once.
    static let atOnce = [" concurrent", " simultaneous"]

    static let rates = [
        " rate limit", " rate exceed", " rate control", " message rate ", " mail rate ", " sending rate ", " rate of ", " the rate ",
        " exceeded rate ",
        " exceeds rate ", " throttl", " too fast ", " too quickly ", " slow down ",
    ]

    // MARK: Order

    /// "already" says that something stands where nothing should, only before one of these: not "sender is already blocked".
    static let order =
        [
            "specified", "given", "established", "set", "sent", "said", "started", "issued", "received", "begun", "defined", "exists", "open",
            "active",
            "in progress", "got", "have", "provided", "supplied", "accepted",
        ].flatMap { [" already \($0) ", " already been \($0) "] }
        + [
            " sequence ", " out of order ", " wrong order ", " incorrect order ", " command order ", " nested ", " duplicate mail ",
            " duplicate sender ",
            " duplicate from ", " second mail ", " multiple mail ", " multiple sender", " only one sender ", " only one mail ", " issue a reset ",
            " issue reset ", " issue rset ", " send rset ", " use rset ", " rset first ", " reset first ", " need rset ",
            " transaction in progress ", " mail in progress ", " previous transaction ", " transaction is open ", " expecting rcpt ",
            " expected rcpt ", " rcpt expected ",
            " need rcpt ", " expecting data ", " unexpected mail ", " unexpected command ", " at this point ", " at this stage ", " in this state ",
        ]

    /// About the command itself: then it is none of its place.
    static let syntax = [
        " syntax", " address ", " addresses ", " argument", " parameter", " unrecognized ", " unrecognised ", " not recognized ", " not recognised ",
        " unknown ", " malformed ", " mailbox ", " domain ", " option",
    ]
}
