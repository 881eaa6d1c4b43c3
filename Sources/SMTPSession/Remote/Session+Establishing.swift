import NIOCore
import QuirkKit
import SMTPWire

/// What lies between a greeting and the first `MAIL`: EHLO, STARTTLS and EHLO again (RFC 3207), and on extra connections AUTH (RFC 4954).
///
/// The first connection is made ready when the gateway says EHLO, whose answer waits for it; extra ones when a transaction needs them.
extension Session {
    /// Whether the gateway has not been answered its EHLO yet, so that this is the session's first connection or a step of its ladder.
    var isFirstHello: Bool { self.gateway.hello == nil }

    /// What is said to the remote as EHLO: the gateway's own, octet for octet. HELO where the gateway says so, unless there must be TLS, and where EHLO was
    /// refused over TLS.
    private var hello: Command? { self.saidHello.map { self.renamed($0) } }

    /// EHLO or HELO.
    var helloVerb: String { self.hello?.verb ?? "EHLO" }

    private var saidHello: Command? {
        guard let said = self.gateway.hello ?? self.waitingHello else { return nil }
        if self.remote.connection.helloRefusal != nil, case .ehlo(let name) = said.body { return Command(.helo(name)) }
        if self.remote.connection.helloRefusal != nil { return said }
        let mustBeSecured = self.remote.profile.tls.level >= .required || self.remote.minimumSecurity != nil
        switch said.body {
        case .helo(let name) where mustBeSecured && self.remote.profile.tls.manner == .starttls: return Command(.ehlo(name))
        case .ehlo(let name) where !mustBeSecured && self.workarounds.hello == .helo: return Command(.helo(name))
        default: return said
        }
    }

    /// On the connection that stands, at the gateway's first EHLO.
    mutating func sayFirstHello(_ command: Command) {
        if self.waitingHello == nil { self.waiting = Waiting(command, for: .connection(FirstHello())) }
        guard self.remote.connection.state == .ready || self.remote.connection.isSpokenTo(at: .greeting) else {
            if let refusal = exchange(&self.remote.dueRefusal, with: nil) { return self.helloRefusedByGreeting(refusal) }
            return self.firstHelloFailed("it closed before EHLO")
        }
        if case .ehlo = command.body, self.workarounds.hello == .helo, let name = self.remote.layers.quirk(behind: \.hello) {
            if self.mustAskProbe(name) { return self.askProbe(name) }
            self.note(.used(quirk: name))
            self.log(.quirk(name: name, connection: self.remote.connection.number, did: "said HELO for EHLO", because: "known of this host"))
        }
        self.noteHelloName(in: command)
        self.sayHello()
    }

    mutating func sayHello() {
        guard let hello = self.hello else { return self.proceed() }
        if !self.remote.connection.isSpokenTo(at: .greeting) { self.remote.connection.enter(.hello, at: self.now) }
        self.send(hello, .relay, isAlone: true)
    }

    mutating func helloAnswered(_ reply: Reply, to sent: Command) {
        // Whatever RSET heard: it was said for the HELO behind it.
        if case .rset = sent.body { return self.sayHello() }
        guard reply.isPositive || self.isPlainHelloDone(reply) else { return self.helloRefused(reply, sent) }
        if reply.isPositive {
            self.acquit(Observation(.reply(reply), to: sent))
            if case .ehlo = sent.body { self.remote.connection.keywords = Keywords(reply) } else { self.remote.connection.plainGreeting = reply }
        }
        if self.remote.connection.keywords?.contains("STARTTLS") == true, self.remote.connection.number == 1, self.remote.connection.security == nil {
            self.noteAbility(.starttls)
        }
        self.refold()
        if self.isFirstHello, self.remote.connection.number == 1, self.lacksTLS { self.chooseFallback() }
        self.proceed()
    }

    private mutating func helloRefused(_ reply: Reply, _ sent: Command) {
        // Over TLS, where it was accepted before, HELO may do; policy is no reason for another word.
        if self.remote.connection.security != nil, self.remote.connection.helloRefusal == nil, case .ehlo = sent.body, reply.code != 421,
            !reply.isPolicy
        {
            self.remote.connection.helloRefusal = reply
            return self.sayHello()
        }
        if case .helo = sent.body, self.workarounds.hello == .helo, reply.code == 503, !self.remote.connection.resetBeforeHello {
            self.remote.connection.resetBeforeHello = true
            return self.send(Command.rset, .relay, isAlone: true)
        }
        if self.rescueHello(.reply(reply), to: sent) { return }
        var reply = reply
        if let cause = self.firstHello?.cause, case .hello? = cause.command.map(Observation.Moment.init), case .reply(let first) = cause.answer {
            // HELO did not help: told is what EHLO heard.
            reply = first
            self.refuteEstablishing("HELO was refused")
        }
        if self.isFirstHello { self.firstHelloRefused(reply) } else { self.extraRefused(reply) }
    }

    /// The first EHLO was refused, or answered by a close: said once more as a quirk has it (`helo-only`). Never where there was TLS (law 7).
    mutating func rescueHello(_ answer: Answer, to sent: Command?) -> Bool {
        guard self.isFirstHello, self.remote.minimumSecurity == nil, self.remote.connection.security == nil, self.firstHello?.cause == nil, let sent,
            let (name, diagnosis) = self.diagnosis(of: Observation(answer, to: sent))
        else { return false }
        switch diagnosis.retry {
        case .none, .later: return false
        case .here, .onNewConnection: break
        }
        self.endProbe()
        self.assume(name, diagnosis.options)
        self.firstHello?.cause = Cause(name, diagnosis, sent, answer, entry: nil)
        self.beginOwnWork()
        if diagnosis.retry == .here, self.remote.connection.state == .hello {
            self.sayHello()
        } else {
            self.sayGoodbye()
            self.connect(isExtra: true)
        }
        return true
    }

    /// Ends a connection that refused EHLO in words, and whose end nobody waits for.
    mutating func sayGoodbye() {
        if self.remote.connection.state == .hello { self.letGo(saysQuit: true) }
    }

    /// Closes the connection at once: the next does not wait for its end.
    mutating func letGo(saysQuit: Bool) {
        if saysQuit { self.out.append(.send(ByteBuffer(bytes: Command.quit.bytes), to: .remote)) }
        self.out.append(.close(.remote))
        self.remote.connection.enter(.none, at: self.now)
    }

    /// "503 you already said EHLO" to the HELO that stands for a refused EHLO: it knows who speaks, and mail may follow.
    private func isPlainHelloDone(_ reply: Reply) -> Bool { self.remote.connection.helloRefusal != nil && reply.code == 503 }

    private mutating func firstHelloRefused(_ reply: Reply) {
        let first = self.remote.connection.helloRefusal ?? reply
        if !reply.isPolicy, self.leavesTLS(.hello(first.code), because: "EHLO over TLS: \(first.line)") { return }
        guard self.remote.connection.number == 1 else { return self.ladderRefused(reply.line) }
        guard self.remote.connection.security == nil else { return self.firstHelloFailed(reply.line) }
        let isOwn = self.hello?.verb != self.waitingHello?.verb
        self.remote.connection.enter(.ready, at: self.now)
        self.waiting = nil
        // The gateway said HELO: what becomes of an EHLO of ours is none of its business (law 5).
        let told = self.rewritten(reply, at: .ehlo)
        self.tell(isOwn ? self.shortfall(of: self.remote.profile.tls) ?? told : told)
        self.lastWords(reply.code == 421 ? reply : told)
    }

    /// The next thing that this connection lacks.
    mutating func proceed() {
        if self.remote.isAsking { return }
        if self.lacksTLS, self.remote.fallback != .clear {
            self.beginOwnWork()
            self.remote.connection.enter(.startingTLS, at: self.now)
            return self.send(Command.starttls, .relay, isAlone: true)
        }
        if self.waitingHello == nil {
            if let lack = self.lack { return self.extraLacks(lack) }
            if let credentials = self.gateway.credentials { return self.authenticateAgain(credentials) }
        }
        self.stands()
    }

    /// Whether this connection could have TLS, by what it offers and by what the rule says, and has not.
    private var lacksTLS: Bool {
        self.remote.connection.security == nil && self.remote.connection.keywords?.contains("STARTTLS") == true
            && self.remote.profile.tls.manner == .starttls
            && self.remote.profile.tls.level > .off
    }

    /// What an extra connection lacks of the one that it replaces, or of what the rule demands (law 7).
    private var lack: Reply? {
        let security = self.remote.connection.security
        guard let minimumSecurity = self.remote.minimumSecurity else { return self.shortfall(of: self.remote.profile.tls, on: security) }
        guard let security else { return self.cannotSecure("the new connection lacks STARTTLS") }
        if !minimumSecurity.isLegacy, let weakness = security.weakness {
            return self.cannotSecure("the new connection has only old TLS (\(weakness))")
        }
        guard minimumSecurity.isVerified, !security.isVerified else { return self.shortfall(of: self.remote.profile.tls, on: security) }
        return self.cannotSecure("the new connection lacks a verified certificate (\(security.doubt ?? "old TLS"))")
    }

    /// What a recipient that was accepted on another connection demands and this connection has not.
    private var shortfallOfEnvelope: Reply? {
        guard let envelope = self.transaction?.envelope else { return nil }
        for entry in envelope.dropFirst() where entry.state != .refused {
            guard case .rcpt(let recipient) = entry.command.body, let demand = recipient.domain.flatMap({ self.remote.profile.tlsOfDomains[$0] })
            else {
                continue
            }
            if let shortfall = self.shortfall(of: demand) { return shortfall }
        }
        return nil
    }

    private mutating func extraLacks(_ answer: Reply) {
        self.retire()
        self.giveUp(answer, because: answer.line)
    }

    /// The connection is ready for what the gateway has to say.
    mutating func stands() {
        self.remote.connection.enter(.ready, at: self.now)
        self.remote.minimumSecurity = self.remote.connection.security
        guard let hello = self.waitingHello else {
            self.note(.extraAccepted)
            if let shortfall = self.shortfallOfEnvelope { return self.extraLacks(shortfall) }
            return self.replay()
        }
        if self.remote.connection.number > 1 { self.note(.extraAccepted) }
        let cause = self.firstHello?.cause
        self.answerFirstHello(hello)
        if let cause { self.firstHelloHelped(cause) }
    }

    private mutating func firstHelloHelped(_ cause: Cause) {
        self.logEstablishing(cause, outcome: "ok")
        // A host that can do better on another connection than on the last was not the cause of what happened there.
        let isBetter = self.remote.fallback == .legacy && self.remote.connection.security?.isLegacy == false
        if !isBetter { self.proved(cause) }
    }

    mutating func answerFirstHello(_ hello: Command) {
        self.waiting = nil
        // What it said before is over (RFC 5321 §4.1.4); and this may be another connection than the one that heard it (law 4).
        if let transaction = exchange(&self.transaction, with: nil) { self.conclude(transaction) }
        self.gateway.hello = hello
        self.gateway.offered = self.remote.connection.keywords
        // Where TLS failed, what was offered before it is forgotten; STARTTLS is shown all the same, and hears why (454).
        if self.remote.tlsFailure != nil, case .ehlo = hello.body { self.gateway.offered = Keywords(Reply(250, self.nameOfRemote)) }
        // Over TLS it took only HELO.
        if self.remote.connection.helloRefusal != nil, case .ehlo = hello.body {
            self.gateway.offered = Keywords(Reply(250, self.remote.connection.plainGreeting?.lines.first ?? self.nameOfRemote))
        }
        self.gateway.offersTLS =
            self.gateway.offersTLS || self.remote.connection.security != nil || self.remote.connection.keywords?.contains("STARTTLS") == true
        self.showKeywords()
        self.noteUnusedKeywords()
        if case .ehlo = hello.body, let shown = self.gateway.shown {
            let hidden = (self.gateway.offered?.count ?? 0) - shown.count
            if hidden > 0 { self.out.append(.count(.alteration(.keywordHidden, hidden))) }
            self.tell(shown.reply)
        } else {
            self.tell(self.plainAnswer(to: hello))
        }
    }

    /// To HELO, what the remote said to it; to EHLO, where the remote was told HELO, a reply without extensions.
    private func plainAnswer(to hello: Command) -> Reply {
        guard let said = self.remote.connection.plainGreeting else { return Reply(250, self.gateway.offered?.greeting ?? self.nameOfRemote) }
        if case .ehlo = hello.body { return Reply(250, said.lines.first ?? self.nameOfRemote) }
        return said
    }

    /// The remote refuses the connection that a step down the ladder needs: as with every extra one, the next is not tried at once.
    mutating func ladderRefused(_ because: String) {
        self.note(.extraRefused)
        self.firstHelloFailed(because)
    }

    /// There is no answer to the gateway's first EHLO but this.
    mutating func firstHelloFailed(_ because: String) {
        self.abortRemote()
        self.concludeEstablishing(because)
        self.waiting = nil
        self.log(.connectFailed(because: because, told: self.unreachable(because).line))
        self.tell(self.unreachable(because))
        self.finish(because: because, by: .remote)
    }
}
