/// What is done differently with one host, as data: the one writer and the one reader of a session consult it.
///
/// Rules, the learned store and the quirks speak of hosts in layers; what holds is their fold. Each field says which quirk sets it, and how two layers fold.
public struct Workarounds: Hashable, Sendable {
    /// How a session is begun.
    public enum Hello: Hashable, Sendable { case ehlo, helo }

    /// Seconds for which a greeting is waited for; then the host is spoken to without one (`slow-starter`). Folds to the longest.
    public var speaksFirst: Int?
    /// What is said in place of EHLO (`helo-only`). Folds to HELO; never obeyed where TLS is demanded.
    public var hello = Hello.ehlo
    /// The name behind EHLO or HELO in place of the gateway's (`helo-name`). Folds to the first.
    public var helloName: String?
    /// How far opportunistic TLS falls back (`legacy-tls`, `broken-starttls`). Folds to the weakest.
    public var tls = TLSFallback.modern
    /// MAIL commands on one connection, at most (`message-limit`). Folds to the smallest.
    public var messages: Int?
    /// Connections to the host at once, over all sessions (`concurrency`); the limiter keeps it. Folds to the smallest.
    public var connections: Int?
    /// RSET goes in front of each MAIL but a connection's first (`sticky-sender`). Folds by "or".
    public var resetsBeforeMail = false
    /// EHLO keywords, in upper case, that are not used towards the host (`hide-extension`). Folds to the union.
    public var distrusted: Set<String> = []
    /// Parameters of MAIL and RCPT that are left out where nothing is lost by it (`plain-parameters`); in upper case. Folds to the union.
    public var droppedParameters: Set<String> = []
    /// MAIL and RCPT are said in the grammar of RFC 5321 (`strict-syntax`). Folds by "or".
    public var strictSyntax = false
    /// The sender in place of the null one, in a transaction in which the host refused that (`null-sender`). Folds to the
    /// first.
    public var nullSender: String?
    /// Recipients of one transaction, at most; the rest hears 452 4.5.3 (`recipient-limit`). Folds to the smallest.
    public var recipients: Int?
    /// What is done to mail data on its way out (`fold-long-lines`, `final-blank-line`). Folds to one of each kind, the
    /// shortest lines.
    public var content: [ContentFilter] = []
    /// What the gateway hears otherwise (`soft-greeting`, `one-line-replies`). Folds to the union.
    public var replies: Set<ReplyChange> = []
    /// What the gateway hears in place of certain replies (`reply-rewrite`): the first that matches. Folds by appending.
    public var replyRules: [ReplyRule] = []
    /// Recipient domains of one transaction, at most; recipients of others hear 452 4.5.3 (`one-domain`). Folds to the smallest.
    public var domains: Int?
    /// RSET may be said; where not, the connection is turned over instead (`rset-intolerant`). Folds by "and"; with `resetsBeforeMail` it makes `messages` 1.
    public var sendsReset = true
    /// In clear text the end of the mail data is held until all before it has left, and then goes as one segment (`pix`). Folds by "or".
    public var holdsFinalDot = false

    public init() {}

    /// With one field set.
    public init(_ set: (inout Workarounds) -> Void) {
        self.init()
        set(&self)
    }

    /// What holds where both hold.
    public mutating func fold(_ other: Workarounds) {
        if other.hello == .helo { self.hello = .helo }
        self.speaksFirst = self.speaksFirst.map { max($0, other.speaksFirst ?? $0) } ?? other.speaksFirst
        self.helloName = self.helloName ?? other.helloName
        self.tls = max(self.tls, other.tls)
        self.messages = Self.smallest(self.messages, other.messages)
        self.connections = Self.smallest(self.connections, other.connections)
        self.resetsBeforeMail = self.resetsBeforeMail || other.resetsBeforeMail
        self.distrusted.formUnion(other.distrusted)
        self.droppedParameters.formUnion(other.droppedParameters)
        self.strictSyntax = self.strictSyntax || other.strictSyntax
        self.nullSender = self.nullSender ?? other.nullSender
        self.recipients = Self.smallest(self.recipients, other.recipients)
        self.content = ContentFilter.fold(self.content, other.content)
        self.replies.formUnion(other.replies)
        self.replyRules += other.replyRules
        self.domains = Self.smallest(self.domains, other.domains)
        self.sendsReset = self.sendsReset && other.sendsReset
        self.holdsFinalDot = self.holdsFinalDot || other.holdsFinalDot
        if !self.sendsReset, self.resetsBeforeMail { (self.resetsBeforeMail, self.messages) = (false, 1) }
    }

    /// Keywords that are not used, those that need one of them among them: BINARYMIME needs CHUNKING (RFC 3030 §3), SMTPUTF8
    /// 8BITMIME (RFC 6531 §3.1). A chunk cannot be altered, since its length was said.
    public var unusedKeywords: Set<String> {
        guard !self.distrusted.isEmpty || !self.content.isEmpty else { return [] }
        var unused = self.distrusted
        if !self.content.isEmpty { unused.insert("CHUNKING") }
        if unused.contains("CHUNKING") { unused.insert("BINARYMIME") }
        if unused.contains("8BITMIME") { unused.insert("SMTPUTF8") }
        return unused
    }

    /// Of those, what the gateway is not shown: all but what Mailshim does itself, one command after the other, DATA for
    /// BDAT, no SIZE. With filters CHUNKING too: what cannot be said as DATA would be put off again and again.
    public var hiddenKeywords: Set<String> {
        let unused = self.unusedKeywords
        return unused.isEmpty ? [] : unused.subtracting(self.content.isEmpty ? ["PIPELINING", "SIZE", "CHUNKING"] : ["PIPELINING", "SIZE"])
    }

    private static func smallest(_ one: Int?, _ other: Int?) -> Int? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }
}

/// How far down opportunistic TLS falls back (RFC 7435 §3). Each step is a new connection; extra connections stay on the step of the first.
/// Weaker is greater.
public enum TLSFallback: Hashable, Sendable, Comparable {
    case modern
    /// TLS 1.0 and 1.1, old ciphers, small keys, unsafe renegotiation.
    case legacy
    case clear
}
