import NIOCore
import QuirkKit
import SMTPWire

/// What the log hears of messages, of refused recipients and of replies that are our own (docs/log.md).
extension Session {
    /// The log's line about a transaction that is over; none where the gateway gave it up before anything was refused.
    mutating func conclude(_ transaction: Transaction, told: Bool = true) {
        // What was taken for granted and not proved holds for this transaction alone.
        for attempt in transaction.attempts { if let quirk = attempt.quirk?.name, quirk != self.remote.suspicion?.quirk { self.withdraw(quirk) } }
        self.concludeOwnReplies()
        let unlogged = transaction.refusedRecipients - Record.mostRefusals
        if unlogged > 0 { self.log(.recipientsUnlogged(number: self.journal.messages + 1, count: unlogged)) }
        guard let reply = transaction.refusal, case .mail(let mail) = transaction.envelope[0].command.body else { return }
        self.journal.messages += 1
        self.log(
            .message(
                .init(
                    number: self.journal.messages, connection: self.remote.connection.number, outcome: Record.Outcome(reply), from: mail.reversePath,
                    to: transaction.firstAccepted, recipients: transaction.accepted, refusedRecipients: transaction.refusedRecipients,
                    bytes: transaction.octets, host: self.remote.connection.host, reply: reply.line, quirks: self.quirksAtWork(in: transaction),
                    milliseconds: Int((self.now - transaction.began).nanoseconds / 1_000_000), told: told && self.gateway.presence != .gone,
                    repairs: transaction.lineEndRepairs, saved: reply.isPositive ? transaction.saved : nil)))
    }

    /// With the one on whose word TLS is weaker than it could be, or not there: every message of the session is its doing.
    private func quirksAtWork(in transaction: Transaction) -> [String] {
        guard let downgrade = self.remote.fallbackQuirk, !transaction.quirks.contains(downgrade) else { return transaction.quirks }
        switch self.remote.fallback {
        case .modern: return transaction.quirks
        // Old TLS was allowed, and was not needed.
        case .legacy where (self.remote.connection.security ?? self.remote.minimumSecurity)?.weakness == nil: return transaction.quirks
        case .legacy, .clear: return transaction.quirks + [downgrade]
        }
    }

    /// The gateway hears that a recipient is not taken.
    mutating func refuse(_ recipient: Recipient, _ reply: Reply) {
        self.logRefusal(of: recipient, reply)
        self.tell(reply)
    }

    /// The answer to the `MAIL` or `RCPT` at this place of the envelope, where the gateway has not heard one.
    mutating func tell(_ reply: Reply, toEntry place: Int) {
        guard let entry = self.transaction?.envelope[place], !entry.told else { return }
        self.transaction?.envelope[place].told = true
        if reply.code >= 400, case .rcpt(let recipient) = entry.command.body { self.logRefusal(of: recipient, reply) }
        self.tell(reply)
    }

    private mutating func logRefusal(of recipient: Recipient, _ reply: Reply) {
        guard let refused = self.transaction?.refusedRecipients else { return }
        self.transaction?.refusedRecipients = refused + 1
        guard refused < Record.mostRefusals else { return }
        self.log(.recipient(number: self.journal.messages + 1, to: recipient.forwardPath, reply: reply.line, outcome: Record.Outcome(reply)))
    }

    /// The line of a reply of our own.
    mutating func explain(_ reply: Reply, _ because: String) {
        guard self.gateway.presence != .gone, self.journal.ownReplies.isNew(reply) else { return }
        self.log(
            .ownReply(told: reply.line, because: because.isEmpty ? reply.words : because, isRoutine: reply == self.idle || reply == self.stopped))
    }

    mutating func concludeOwnReplies() {
        let unlogged = exchange(&self.journal.ownReplies, with: OwnReplies()).unlogged
        if unlogged > 0 { self.log(.ownRepliesUnlogged(count: unlogged)) }
    }

    /// What the remote is called where a name is needed.
    var nameOfRemote: String { self.remote.connection.host.isEmpty ? self.helloName : self.remote.connection.host }
}

extension Record.Outcome {
    /// What the final reply to a message or a recipient means.
    init(_ reply: Reply) {
        if reply.isPositive {
            self = .accepted
        } else if case .own = reply.origin, reply.enhanced == .badConnection {
            self = .lost
        } else {
            self = reply.isPermanent ? .rejected : .deferred
        }
    }
}

extension EnhancedCode {
    /// "Although the connection was established, it was unable to complete the message transaction" (RFC 3463 §3.5).
    fileprivate static let badConnection = EnhancedCode(klass: 4, subject: 4, detail: 2)
}

extension Transaction {
    /// For the log.
    fileprivate var firstAccepted: [String] {
        var paths: [String] = []
        for entry in self.envelope.dropFirst() where entry.state == .accepted {
            guard paths.count < Record.mostRecipients else { break }
            if case .rcpt(let recipient) = entry.command.body { paths.append(recipient.forwardPath) }
        }
        return paths
    }
}

extension Reply {
    /// Its text without the enhanced code.
    fileprivate var words: String {
        guard self.enhanced != nil else { return self.text }
        return String(self.text.drop { $0 != " " }.dropFirst())
    }
}
