public import SMTPWire

/// What a refusal is evidence of, by its code and its words. Words in `<…>` and `"…"` are none, nor are names and addresses (``Words``).
/// Tests/PluginTests/EvidenceTests.swift has what real hosts say.
extension Reply {
    /// "Bad sequence of commands": 503; and 500 or 501 in its place with 5.5.1 (RFC 3463: out of sequence), unless it speaks of syntax, or without an
    /// enhanced code but with words about order. Whether it is right depends on what went before (`Command.isRefusedOutOfTurn`).
    public var isSequenceError: Bool {
        switch self.code {
        case 503: return true
        case 500, 501:
            let words = Words(of: self.text)
            guard let enhanced = self.enhanced else { return words.contain(anyOf: Vocabulary.order) }
            return enhanced.subject == 5 && enhanced.detail == 1
                && (words.contain(anyOf: Vocabulary.order) || !words.contain(anyOf: Vocabulary.syntax))
        default: return false
        }
    }

    /// Its words speak of this connection or session having had its share, of messages, recipients or time: a new connection is what it asks for.
    /// Ask `isLimitOfSession(at:)` where the command is known.
    public var namesThisSession: Bool {
        let words = Words(ofItself: self.text)
        guard !self.isQuota else { return false }
        if words.contain(anyOf: Vocabulary.errors) || self.saysTimeIsOver { return true }
        return words.contain(anyOf: Vocabulary.shares) && words.contain(anyOf: Vocabulary.thisSession) && words.contain(anyOf: Vocabulary.excess)
            && !words.contain(anyOf: Vocabulary.oneMessage)
    }

    /// Whether it is a limit of this connection or session, as an answer to this command; only what the command can be about counts.
    ///
    /// At `MAIL` and `RSET` no recipient was said, so none can be too many: a limit of recipients is one of this session. At `RCPT` the reply may be
    /// that of the recipient's own server, so only 421 and codes of x.3.z, x.4.z and 4.5.3 count there; and many errors are a reason to stop.
    public func isLimitOfSession(at command: Command) -> Bool {
        guard self.code >= 400 else { return false }
        switch command.body {
        case .mail, .rset: return self.namesThisSession || self.hasTooManyRecipients
        case .rcpt:
            let words = Words(ofItself: self.text)
            return self.namesThisSession && !words.contain(anyOf: Vocabulary.errors) && self.mayBeOfSessionAtRecipient
        case .ehlo, .helo, .data, .bdat, .noop, .quit, .starttls, .auth, .vrfy, .expn, .help, .other, .malformed: return self.namesThisSession
        }
    }

    /// At `RCPT`: this connection or session had its share of recipients. That can be so only where transactions before had some on it.
    public var saysTooManyRecipientsOfSession: Bool {
        (self.code == 421 || self.code == 452) && self.namesThisSession && self.mayBeOfSessionAtRecipient
            && Words(ofItself: self.text).contain(anyOf: Vocabulary.recipientShares)
    }

    /// 421 because its time is over or nothing was heard for too long: the connection is gone, whatever was asked.
    public var isEndOfTime: Bool {
        self.code == 421 && !self.isQuota && self.enhanced?.subject != 7 && !self.isAboutMailbox && (self.saysTimeIsOver || self.speaksOfIdleness)
    }

    /// A policy code (RFC 3463 x.7.x), greylisting, or a limit per hour, day, address or recipient: to reconnect after these is evasion.
    /// A limit of this session may come with a policy code too: ask `isLimitOfSession(at:)` first.
    public var isPolicy: Bool {
        self.enhanced?.subject == 7 || self.isQuota
            || Words(of: self.text).contain(anyOf: Vocabulary.deferrals + Vocabulary.policies + Vocabulary.recipients)
    }

    /// An idle time-out, whose 421 crossed our command: a new connection is right, and nothing is learned.
    public var speaksOfIdleness: Bool { Words(ofItself: self.text).contain(anyOf: Vocabulary.idleness) }

    /// It refuses the connection or its rate rather than the command (law 5). Never with a code of an address or a mailbox (x.1.z, x.2.z).
    public var refusesConnection: Bool {
        guard self.code >= 400, !self.isAboutMailbox else { return false }
        return self.namesThisSession || Words(ofItself: self.text).contain(anyOf: Vocabulary.connections + Vocabulary.rates)
    }

    /// It has too many connections at once, of ours or of all. Never a rate.
    public var saysTooManyAtOnce: Bool {
        self.code >= 400 && Words(ofItself: self.text).contain(anyOf: Vocabulary.atOnce) && !Words(of: self.text).contain(anyOf: Vocabulary.rates)
    }

    /// It refuses a recipient because another's domain is another. Never with a code of an address, a mailbox or a policy.
    public var saysOneDomain: Bool {
        guard self.code >= 400, self.code != 421, !self.isAboutMailbox, self.enhanced?.subject != 7, !self.isQuota else { return false }
        return Words(ofItself: self.text).contain(anyOf: Vocabulary.severalDomains)
    }

    /// It waited for octets that it has, or takes for something else. Never a policy.
    public var waitsForInput: Bool {
        !self.isPolicy && !self.isAboutMailbox && Words(ofItself: self.text).contain(anyOf: Vocabulary.idleness + Vocabulary.input)
    }

    /// RFC 3463 x.1.z, x.2.z: of an address, or of a mailbox. Whatever its words, it is the verdict on the command.
    public var isAboutMailbox: Bool { self.enhanced.map { $0.subject == 1 || $0.subject == 2 } ?? false }

    /// A limit that holds across connections; also where another server is quoted.
    var isQuota: Bool { Words(of: self.text).contain(anyOf: Vocabulary.quotas) }

    /// A time-out that passed ("Connection timed out. Total session duration: …") is no limit of so much time.
    private var saysTimeIsOver: Bool { !self.speaksOfIdleness && Words(ofItself: self.text).contain(anyOf: Vocabulary.ends) }

    /// RFC 3463 x.5.3, or in words; not with 450, which is of a mailbox or policy (RFC 5321 §4.2.2).
    private var hasTooManyRecipients: Bool {
        guard self.code != 450, !self.isQuota, self.enhanced?.subject != 7, !self.isAboutMailbox else { return false }
        return self.enhanced.map { $0.subject == 5 && $0.detail == 3 } ?? false
            || Words(ofItself: self.text).contain(anyOf: Vocabulary.tooManyRecipients)
    }

    private var mayBeOfSessionAtRecipient: Bool {
        guard let enhanced = self.enhanced else {
            return self.code == 421 || (self.code == 452 && Words(ofItself: self.text).contain(anyOf: Vocabulary.recipientShares))
        }
        return switch enhanced.subject {
        case 1, 2: false
        case 3, 4: true
        default: self.code == 421 || (enhanced.klass == 4 && enhanced.subject == 5 && enhanced.detail == 3)
        }
    }
}

extension Command {
    /// Whether a 503 to this command says that the message before is in the way: at `MAIL` only after a completed message on this connection,
    /// at `RCPT` only after this `MAIL` was accepted, at `DATA` and `BDAT` only after a recipient was.
    public func isRefusedOutOfTurn(given facts: Facts) -> Bool {
        guard facts.messages > 0 else { return false }
        return switch self.body {
        case .mail: true
        case .rcpt: facts.mailAccepted
        case .data, .bdat: facts.recipientsAccepted > 0
        case .ehlo, .helo, .rset, .noop, .quit, .starttls, .auth, .vrfy, .expn, .help, .other, .malformed: false
        }
    }
}
