public import SMTPWire

/// What a quirk makes of an observation: "assume that the host has me".
public struct Diagnosis: Hashable, Sendable {
    /// With these options: the quirk's workarounds hold from now on, provisionally.
    public let options: Options
    /// What failed is done again under the assumption.
    public let retry: Retry
    /// What the gateway is told where nothing is done again; only a refusal (law 1).
    public let tells: Reply?
    /// What is counted when the repair has worked; nil: a rescue that teaches nothing.
    public let counts: Counting?
    /// Why, for the log (law 10).
    public let because: String

    public init(_ options: Options = [:], retry: Retry, tells: Reply? = nil, counts: Counting?, because: String) {
        self.options = options
        self.retry = retry
        self.tells = tells
        self.counts = counts
        self.because = because
    }
}

/// How what failed is done again, before any content was sent.
public enum Retry: Hashable, Sendable {
    /// Not at all: the diagnosis holds from the next transaction on.
    case none
    /// On the same connection: the command alone, or behind RSET the whole envelope, whichever the workarounds ask for.
    case here
    /// On a new connection to the same remote: the whole envelope.
    case onNewConnection
    /// On a new connection, after 1, 4 and 16 s: one that was refused because of others of ours, behind the `MAIL` of a session that needs it.
    case later
}

/// How often, how far apart and for how long: the rules by which what one session found out becomes a learned quirk.
public struct Counting: Hashable, Sendable {
    /// How many connections of this remote must have shown the same (same quirk, same options). 1: the success itself is proof.
    public let needed: Int
    /// Seconds that must lie between the first and the last of those, at least.
    public let span: Int
    /// Seconds that must lie between two that count, at least: what passes by itself in that time must not count twice.
    public let spacing: Int
    /// Seconds for which it is believed, at most as long as configured (`learning.expires`); nil: just so long.
    public let lasts: Int?
    public let ending: Ending
    /// What the host did well in the last 24 hours that speaks against it: then three are needed.
    public let doubt: Doubt
    /// Whether it is only a suspicion until the host accepts the same sender as the first of another connection; each sender counts once.
    public let confirmedBySender: Bool
    /// Whether it counts once for each sender: what one sender's address does proves nothing of the host.
    public let eachSenderOnce: Bool
    /// Which of two sets of options of the same quirk is believed.
    public let replaces: Replacement

    /// How it is forgotten before it expires.
    public enum Ending: Hashable, Sendable {
        /// At most once an hour a connection does without the workaround, from a day after it was last seen, or (hourly) from the start; three acquittals end it.
        /// Only for what can be repaired on the spot: a probe that fails must not cost a message.
        case probed(hourly: Bool)
        /// It is not probed: that could cost a message.
        case expires
        /// A learned number is raised by one, again and again, since it was last seen.
        /// - Parameter every: seconds; a day, where nothing else is said.
        case raised(option: String, every: Int = 86_400)

        public var isProbed: Bool { if case .probed = self { true } else { false } }
    }

    public enum Doubt: Hashable, Sendable {
        case never
        /// A connection that took more than so many `MAIL`s without any repair.
        case reuse(past: Int)
        /// It did that well, within its lifetime.
        case ability(Ability)
    }

    public enum Replacement: Hashable, Sendable {
        case always
        /// Only the smaller number of this option replaces what is known.
        case smaller(option: String)
    }

    public init(
        needed: Int, span: Int = 0, spacing: Int = 0, lasts: Int? = nil, ending: Ending, doubt: Doubt = .never, replaces: Replacement = .always,
        confirmedBySender: Bool = false, eachSenderOnce: Bool = false
    ) {
        self.needed = needed
        self.span = span
        self.spacing = spacing
        self.lasts = lasts
        self.ending = ending
        self.doubt = doubt
        self.replaces = replaces
        self.confirmedBySender = confirmedBySender
        self.eachSenderOnce = eachSenderOnce
    }

    /// Whether a success of the repair is proof by itself.
    public var isConclusive: Bool { self.needed <= 1 }

    /// The same, where what was assumed was seen to help.
    public var conclusive: Counting {
        Counting(
            needed: 1, lasts: self.lasts, ending: self.ending, doubt: .never, replaces: self.replaces, confirmedBySender: false)
    }

    /// Whoever can disturb a connection can force it: three failures over an hour are needed, it is believed for three days, and doubted each hour.
    public static let forceable = Counting(needed: 3, span: 3600, lasts: 3 * 86_400, ending: .probed(hourly: true))
}
