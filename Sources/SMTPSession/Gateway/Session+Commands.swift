import NIOCore
import QuirkKit
import SMTPWire

/// What the gateway says, outside of content (RFC 5321 §4.1).
extension Session {
    mutating func take(_ command: Command, secret: Secret? = nil) {
        self.gateway.lastHeard = self.now
        self.waiting = Waiting(command, secret: secret)
        self.gateway.unanswered.add(command)
        self.watchTurn(of: command)
    }

    /// Whether all that must be over before this command is over.
    func isReady(for command: Command) -> Bool {
        if self.awaitsWordOfGateway, !self.isAsking { return !self.remote.saysMore }
        guard case .commands = self.gateway.phase, self.rescue == nil, !self.isAsking, !self.remote.connection.isBeingMade else { return false }
        guard !self.remote.connection.flight.isEmpty else { return !self.remote.saysMore || self.remote.connection.state != .ready }
        switch command.body {
        case .rcpt, .data:
            // What is answered here waits its turn (law 3).
            return self.remote.connection.mayTakeMore && self.goesOn(command)
        case .mail:
            return self.remote.connection.offersPipelining && !self.remote.connection.mustSendMailAlone
                && self.remote.connection.flight.allSatisfy { $0.purpose == .swallow }
        case .rset:
            return self.transaction == nil && self.remote.connection.offersPipelining && !self.remote.connection.flight.owesGateway
        case .noop, .quit, .malformed:
            return self.transaction == nil && !self.remote.connection.flight.owesGateway
        case .ehlo, .helo, .bdat, .starttls, .auth, .vrfy, .expn, .help, .other:
            return false
        }
    }

    /// Whether a `RCPT` or DATA is certain to be sent to the remote, rather than answered here.
    private func goesOn(_ command: Command) -> Bool {
        guard self.remote.connection.state == .ready, let transaction = self.transaction, transaction.mail != .refused,
            transaction.failed == nil
        else { return false }
        guard case .rcpt(let recipient) = command.body else { return true }
        let mayLackTLS = recipient.domain.map { self.remote.profile.tlsOfDomains[$0] != nil || self.remote.profile.asksForDomains } ?? false
        return !mayLackTLS && !self.hasAllRecipients && !self.hasAllDomains(besides: recipient)
            && transaction.envelope.count <= self.settings.recipients && self.wording(of: command) != nil
            && self.loopRefusal(of: recipient) == nil
            && (self.remote.route != .atRecipient || transaction.isFor(recipient.domain))
    }

    mutating func perform(_ waiting: Waiting) {
        let faults = self.gateway.faults
        self.carryOut(waiting.command, secret: waiting.secret)
        self.countFaults(since: faults)
    }

    private mutating func carryOut(_ command: Command, secret: Secret?) {
        if !command.isRecognized(besides: self.remote.profile.shownKeywords), self.endsAsContent(command) { return }
        self.gateway.followsRefusedData = false
        if self.isBetweenConvertedChunks, self.stopsConversion(command) { return }
        if self.resumes(at: command) { return }
        if self.awaitsWordOfGateway, command.body.needsRemote { return self.blame(self.needHello) }
        switch command.body {
        case .malformed(.foreign): self.refuseForeign()
        case .malformed(let fault):
            self.blame(fault.reply)
            // Its octets cannot be told from commands (law 8).
            if command.verb == "BDAT" { self.finish(because: "malformed BDAT", by: .gateway) }
            if command.verb == "DATA" { self.notInvited() }
        case .ehlo, .helo: self.hello(command)
        case .mail: self.mail(command)
        case .rcpt(let recipient): self.rcpt(command, recipient)
        case .data: self.data(command)
        case .bdat(let chunk): self.bdat(command, chunk)
        case .rset: self.rset(command)
        case .noop:
            if self.transaction != nil, self.remote.connection.state == .ready { return self.relay(command) }
            self.tell(command == Command.noopMailshim ? self.ourselves : self.ok)
        case .quit:
            self.gateway.hasQuit = true
            self.tell(self.bye)
            self.finish(because: "QUIT", by: .quit)
        case .starttls: if self.remote.profile.tls.manner == .passthrough { self.startTLS(command) } else { self.gatewayStartTLS(command) }
        case .auth(let mechanism): self.auth(command, mechanism, secret)
        case .vrfy, .expn: self.relay(command, or: self.cannotVerify)
        case .help: self.relay(command, or: self.notNow)
        case .other(let verb):
            if self.remote.profile.shownKeywords.contains(verb) { self.relay(command, or: self.notNow) } else { self.blame(self.notRecognized) }
        }
    }

    /// EHLO and HELO: the first that is accepted is the remote's; every other is answered from memory.
    private mutating func hello(_ command: Command) {
        if self.remote.route != .known, self.gateway.shown == nil { return self.helloBeforeRoute(command) }
        guard let hello = self.gateway.hello else { return self.sayFirstHello(command) }
        let isOpen = self.transaction?.mail == .accepted
        self.clearTransaction()
        if isOpen, self.remote.connection.state == .ready, !self.remote.connection.owesReset { self.sendReset(.rset) }
        if self.gateway.mustSayHello { self.helloOverTLS(command) }
        guard case .ehlo = command.body, case .ehlo = hello.body, let shown = self.gateway.shown else {
            return self.tell(Reply(250, self.gateway.shown?.greeting ?? self.nameOfRemote))
        }
        self.tell(shown.reply)
    }

    private mutating func rset(_ command: Command) {
        if let transaction = self.transaction, transaction.failed == nil, self.remote.connection.state == .ready, transaction.mail == .accepted,
            self.workarounds.sendsReset
        {
            return self.relay(command, isAlone: true)
        }
        self.tell(self.ok)
        self.clearTransaction()
        // Those that come while one is unanswered are the same one to the remote (law 9).
        if self.remote.connection.state == .ready, !self.remote.connection.owesReset { self.sendReset(command) }
    }

    /// A RSET that the gateway was answered already. To a host that does not take it none is said: what it would have ended costs the connection.
    private mutating func sendReset(_ command: Command) {
        guard !self.workarounds.sendsReset else { return self.send(command, .swallow) }
        guard let name = self.remote.layers.quirk(behind: \.sendsReset) else { return }
        if self.mustAskProbe(name) { self.askProbe(name) } else { self.note(.used(quirk: name)) }
        guard self.remote.connection.transactionLeftOpen else { return }
        let because = "the host does not take RSET"
        self.log(.quirk(name: name, connection: self.remote.connection.number, did: "turned the connection over", because: because))
        self.retire()
    }

    /// Ends the transaction, because the gateway began anew. The remote hears RSET from the caller.
    private mutating func clearTransaction() {
        guard let transaction = exchange(&self.transaction, with: nil) else { return }
        self.conclude(transaction)
        // Until the RSET behind it is answered the next MAIL waits: a host that refuses it may keep the recipients.
        if self.remote.connection.state == .ready, transaction.mail == .accepted { self.remote.connection.transactionLeftOpen = true }
    }

    private mutating func rcpt(_ command: Command, _ recipient: Recipient) {
        // Nothing here holds on to the transaction: the envelope would be copied for each recipient.
        guard let place = self.transaction?.envelope.count else { return self.blame(self.needMail) }
        if let failed = self.transaction?.failed { return self.refuse(recipient, failed) }
        guard self.transaction?.mail != .refused else { return self.tell(self.needMail) }
        guard place <= self.settings.recipients else { return self.refuse(recipient, self.tooManyRecipients) }
        if let domain = recipient.domain, self.remote.profile.asksForDomains, !self.gateway.seenDomains.contains(domain) {
            // Whose rules are not known is not taken: they may demand TLS.
            guard self.gateway.seenDomains.count < Self.domains else { return self.refuse(recipient, self.tooManyDomains) }
            self.lookUp(domain)
            return self.waiting = Waiting(command, for: .domain)
        }
        if let shortfall = recipient.domain.flatMap({ self.remote.profile.tlsOfDomains[$0] }).flatMap({ self.shortfall(of: $0) }) {
            return self.refuse(recipient, shortfall)
        }
        if self.remote.route == .atRecipient {
            if self.remote.connection.state != .ready { return self.askRoute(command, recipient) }
            guard self.transaction?.isFor(recipient.domain) == true else { return self.refuse(recipient, self.otherDomain) }
        }
        if let refusal = self.loopRefusal(of: recipient) { return self.refuse(recipient, refusal) }
        if self.hasAllRecipients { return self.refuseHere(recipient, self.tooManyRecipientsHere, because: \.recipients) }
        if self.hasAllDomains(besides: recipient) { return self.refuseHere(recipient, self.otherDomain, because: \.domains) }
        guard let worded = self.wording(of: command) else { return self.refuse(recipient, self.cannotExpress(command.text)) }
        self.transaction?.envelope.append(.init(command: command, state: .sent, told: false))
        self.noteRewordings(of: command)
        self.send(worded, .envelope(place))
    }

    /// 452 for what is beyond what the host is known to take; said once a transaction in the log.
    private mutating func refuseHere<Limit: Equatable>(_ recipient: Recipient, _ refusal: Reply, because field: KeyPath<Workarounds, Limit>) {
        if let name = self.remote.layers.quirk(behind: field), self.transaction?.quirks.contains(name) == false {
            self.use(name)
            self.log(.quirk(name: name, connection: self.remote.connection.number, did: "told \(refusal.line)", because: "known of this host"))
        }
        self.refuse(recipient, refusal)
    }

    /// Whether the transaction has as many recipients as the host is known to take, those on their way among them.
    var hasAllRecipients: Bool {
        guard let limit = self.workarounds.recipients, let underWay = self.transaction?.envelope.underWay else { return false }
        return underWay >= limit
    }

    /// Whether this one's domain is one more than the host is known to take in a transaction, those on their way among them.
    func hasAllDomains(besides recipient: Recipient) -> Bool {
        guard let limit = self.workarounds.domains, let domain = recipient.domain, let envelope = self.transaction?.envelope else { return false }
        var seen: Set<String> = []
        for entry in envelope.dropFirst() where entry.state == .sent || entry.state == .accepted {
            guard case .rcpt(let other) = entry.command.body, let name = other.domain else { continue }
            if name == domain { return false }
            seen.insert(name)
        }
        return seen.count >= limit
    }

    /// The rules are asked, and the command waits.
    private mutating func lookUp(_ domain: String) {
        self.gateway.seenDomains.insert(domain)
        self.out.append(.lookUp(.domain(domain)))
    }

    /// Recipient domains of a session that are looked up, at most (law 9). The next `MAIL` hears 421, so that the gateway goes on in a new session.
    static let domains = 1000

    private mutating func data(_ command: Command) {
        if let objection = self.objectionToData {
            if self.transaction == nil { self.blame(objection) } else { self.tell(objection) }
            return self.notInvited()
        }
        self.send(command, .relay, isAlone: true)
    }

    private var objectionToData: Reply? {
        guard let transaction = self.transaction else { return self.needMail }
        if let failed = transaction.failed { return failed }
        return transaction.mail == .refused || self.remote.connection.state != .ready ? self.needMail : nil
    }

    /// Sends a command on whose reply is the gateway's.
    private mutating func relay(_ command: Command, or absent: Reply? = nil, isAlone: Bool = false) {
        guard self.remote.connection.state == .ready else { return self.tell(absent ?? self.notNow) }
        self.send(command, .relay, isAlone: isAlone || !command.body.mayBePipelined)
    }

    private mutating func startTLS(_ command: Command) {
        guard self.transaction == nil, self.remote.connection.state == .ready, self.remote.connection.keywords?.contains("STARTTLS") == true else {
            return self.tell(self.noTLS)
        }
        self.gateway.phase = .startingTLS
        self.send(command, .relay, isAlone: true)
    }

    mutating func send(_ command: Command, _ purpose: Exchange.Purpose = .relay, isAlone: Bool = false) {
        // What has come already is not its reply (law 3): it is not written, and the connection is given up.
        if self.remote.saysMore, self.remote.connection.flight.isEmpty { self.remote.connection.isDesynchronised = true }
        if !self.remote.connection.isDesynchronised { self.out.append(.send(ByteBuffer(bytes: command.bytes), to: .remote)) }
        self.remote.connection.enqueue(Exchange(command: command, purpose: purpose, isAlone: isAlone), at: self.now)
        switch command.body {
        case .mail:
            self.remote.connection.mails += 1
            self.remote.connection.mailFollowedReset = exchange(&self.remote.connection.endsInReset, with: false)
        case .rset:
            self.remote.connection.endsInReset = true
            if purpose != .relay { self.out.append(.count(.alteration(.resetAdded))) }
        default: self.remote.connection.endsInReset = false
        }
    }
}

extension Command {
    /// Whether its verb is known.
    /// - Parameter verbs: of keywords that a rule shows, in upper case.
    fileprivate func isRecognized(besides verbs: Set<String>) -> Bool {
        switch self.body {
        case .malformed(.syntax): true
        case .malformed: false
        case .other(let verb): verbs.contains(verb)
        case .ehlo, .helo, .mail, .rcpt, .data, .bdat, .rset, .noop, .quit, .starttls, .auth, .vrfy, .expn, .help: true
        }
    }
}

extension Command.Body {
    /// Whether there is no answer to it but the remote's, besides EHLO and HELO.
    fileprivate var needsRemote: Bool {
        switch self {
        case .mail, .rcpt, .data, .bdat, .starttls, .auth, .vrfy, .expn, .help, .other: true
        case .ehlo, .helo, .rset, .noop, .quit, .malformed: false
        }
    }

    /// RFC 2920 §3.1: what must be the last of a group.
    fileprivate var mayBePipelined: Bool {
        switch self {
        case .mail, .rcpt, .rset: true
        case .ehlo, .helo, .data, .bdat, .noop, .quit, .starttls, .auth, .vrfy, .expn, .help, .other, .malformed: false
        }
    }
}
