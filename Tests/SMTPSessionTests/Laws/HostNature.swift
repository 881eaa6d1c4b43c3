/// What a host is like. Hosts of one session may be unlike (pools).
struct HostNature {
    /// The founding family (docs/design.md).
    enum Shape: Equatable {
        case healthy
        /// A: 503 to `MAIL` until RSET; `mixes`: it takes `RCPT` and `DATA` all the same, for the sender before (law 4).
        case sticky(mixes: Bool)
        /// B: RSET, where it is accepted, does not help.
        case noReuse(reset: Int)
        /// D: so many `MAIL`s, then this.
        case limit(Int, code: Int, text: String)
        /// E: closes behind so many messages; `late`: at the next command.
        case silence(Int, late: Bool)
    }

    enum Opening { case fine, refuses(Int), closes, never, chatters }

    var shape = Shape.healthy
    var greeting = Opening.fine
    var hello = Opening.fine
    var keywords = ["PIPELINING", "SIZE 1000000", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING"]
    /// Of a thousand, each: commands refused with codes that mean the command.
    var refusesMail = 0
    var refusesRecipient = 0
    var refusesData = 0
    var refusesMessage = 0
    /// 354 where there is no recipient.
    var invitesAnyone = false
    /// Replies of the wrong class.
    var oddReplies = 0
    var junk = 0
    var closes = 0
    var resets = 0
    var fallsSilent = 0
    var answersEarly = 0
    /// Speaks while nothing is owed.
    var speaksUnasked = 0
    /// So many recipients of one message, and this code for the rest (RFC 5321 §4.5.3.1.10).
    var mostRecipients: (count: Int, code: Int)?
    /// It neither leaves nor falls silent, whatever it decides.
    var isSteadfast = false
    /// It offers SIZE, and refuses it.
    var refusesSize = false
    var tls: HostTLS?

    /// Nothing in its replies can be taken for a quirk.
    var isHealthy: Bool {
        guard self.tls?.tiresAtData != true, case .healthy = self.shape, case .fine = self.greeting, case .fine = self.hello else { return false }
        return self.oddReplies + self.junk + self.closes + self.resets + self.fallsSilent + self.answersEarly + self.speaksUnasked == 0
            && !self.invitesAnyone && self.mostRecipients == nil && !self.refusesSize
    }
}

extension HostNature {
    static let keywords = [
        "PIPELINING", "SIZE 1000000", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING", "SMTPUTF8", "DSN", "BINARYMIME", "XSECRET 1",
        "LIMITS RCPTMAX=100",
    ]

    /// Healthy, with some of the keywords and some refusals.
    static func healthy(_ dice: inout Dice) -> HostNature {
        var nature = HostNature()
        nature.keywords = Self.keywords.filter { _ in dice.permille(700) }
        if dice.permille(400) {
            (nature.refusesMail, nature.refusesRecipient) = (dice.pick([0, 100]), dice.pick([0, 100, 500]))
            (nature.refusesData, nature.refusesMessage) = (dice.pick([0, 50]), dice.pick([0, 100, 300]))
        }
        return nature
    }

    /// One of the founding family.
    static func family(_ dice: inout Dice) -> HostNature {
        var nature = Self.healthy(&dice)
        switch dice.below(7) {
        case 0, 1: nature.shape = .sticky(mixes: dice.permille(500))
        case 2, 3: nature.shape = .noReuse(reset: dice.pick([250, 250, 503, 421, 0]))
        case 4, 5:
            let (code, text) = dice.pick([
                (421, "too many messages in this connection"), (452, "too many messages per session"), (421, "closing"),
                (550, "message limit per connection reached"),
            ])
            nature.shape = .limit(dice.within(1...3), code: code, text: text)
        default: nature.shape = .silence(dice.within(1...3), late: dice.permille(500))
        }
        if dice.permille(50) { nature.keywords.append("LIMITS MAILMAX=\(dice.within(1...3))") }
        return nature
    }

    /// Anything may happen.
    static func wild(_ dice: inout Dice) -> HostNature {
        var nature = dice.permille(500) ? Self.family(&dice) : Self.healthy(&dice)
        nature.invitesAnyone = dice.permille(300)
        switch dice.below(9) {
        case 0: nature.oddReplies = 60
        case 1: nature.junk = 40
        case 2: nature.closes = 60
        case 3: nature.resets = 60
        case 4: nature.fallsSilent = 30
        case 5: nature.answersEarly = 150
        case 6: nature.speaksUnasked = 40
        case 7: nature.greeting = dice.pick([.refuses(554), .refuses(421), .closes, .never, .chatters])
        default: nature.hello = dice.pick([.refuses(502), .refuses(550), .refuses(421), .closes, .never])
        }
        return nature
    }
}
