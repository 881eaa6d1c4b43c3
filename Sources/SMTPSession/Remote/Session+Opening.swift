import NIOCore
import QuirkKit
import SMTPWire

/// From the gateway's connection to its greeting, and the making of every connection to the remote (RFC 5321 §3.1).
extension Session {
    mutating func open(_ opening: Opening) {
        self.gateway.lastHeard = self.now
        self.gateway.terms = opening.gateway
        guard let remote = opening.remote else {
            self.remote.route = .atRecipient
            self.gateway.phase = .commands
            return self.tell(Reply(220, "\(self.settings.hostname) ESMTP"))
        }
        self.remote.name = remote
        self.gateway.phase = .opening
        self.connect(isExtra: false)
    }

    mutating func apply(_ profile: Profile) {
        let before = exchange(&self.remote.profile, with: profile)
        // A name that came in clear text can make a demand stricter, never laxer (law 7). Before a connection stood nothing has come.
        let hasStood = self.remote.connection.number > 1 || ![.none, .connecting].contains(self.remote.connection.state)
        if profile.tls.level < before.tls.level, hasStood { self.remote.profile.tls = before.tls }
        // Who begins with TLS asks for TLS, and could not be told that it ends here (law 7): clear text behind it only where a rule says `off`.
        if self.gateway.terms.isEncrypted, self.remote.profile.tls.level == .opportunistic {
            self.remote.profile.tls = TLSDemand(
                .required, self.remote.profile.tls.manner == .passthrough ? .starttls : self.remote.profile.tls.manner)
        }
        self.remote.layers.update(known: profile.layers, ignored: profile.ignored)
        self.refold()
        if self.waiting?.reason == .domain { self.waiting?.reason = .turn }
    }

    mutating func connect(isExtra: Bool) {
        self.noteReuse()
        self.remote.connection = Connection(following: self.remote.connection, at: self.now)
        if self.remote.layers.probed != nil { self.remote.layers.probe(nil) }
        self.refold()
        self.out.append(.connect(isExtra: isExtra))
    }

    mutating func connected(alongside: Int) {
        guard self.remote.connection.state == .connecting else { return }
        self.remote.connection.alongside = alongside
        if case .opening = self.gateway.phase, self.remote.profile.bypass {
            self.log(.passthrough(because: "bypass"))
            self.gateway.phase = .relaying
            return self.out.append(.relay)
        }
        guard self.remote.profile.tls.manner == .implicit, self.remote.profile.tls.level > .off else {
            return self.remote.connection.enter(.greeting, at: self.now)
        }
        if self.remote.connection.number == 1 { self.chooseFallback() }
        self.secureRemote()
    }

    mutating func connectFailed(_ failure: ConnectFailure) {
        guard self.remote.connection.state == .connecting else { return }
        self.remote.connection.enter(.none, at: self.now)
        if case .opening = self.gateway.phase {
            let (reply, because) =
                switch failure {
                case .failed(let why): (self.unreachable(why), why)
                case .noPlace: (self.noPlaceAtGreeting, "no place")
                case .backedOff: (self.unreachable("refused a short while ago"), "backed off")
                }
            self.log(.connectFailed(because: because, told: reply.line))
            self.tell(reply)
            return self.finish(because: "remote unreachable", by: .remote)
        }
        guard self.waitingHello == nil else {
            if case .failed = failure { return self.ladderRefused(failure.words) }
            return self.firstHelloFailed(failure.words)
        }
        switch failure {
        case .failed(let why):
            self.note(.extraRefused)
            self.giveUp(self.noExtraConnection(why), because: why)
        case .noPlace: self.giveUp(self.noPlace, because: "no place")
        case .backedOff: self.giveUp(self.noExtraConnection("refused a short while ago"), because: "backed off")
        }
    }

    /// The remote's greeting. The first is the gateway's; an extra connection's is only judged.
    mutating func greeted(_ reply: Reply) {
        self.remote.connection.host = reply.greetingName ?? ""
        self.observeGreeting(reply)
        if case .opening = self.gateway.phase {
            self.log(.greeted(connection: self.remote.connection.number, host: self.remote.connection.host, reply: reply.line))
            let told = self.softened(greeting: self.rewritten(reply, at: .connect))
            self.tell(told)
            guard reply.isPositive else {
                self.drop(politely: reply.code != 421)
                return self.finish(because: "the remote refused the connection", by: .remote)
            }
            self.note(.greeted)
            self.remote.connection.enter(.ready, at: self.now)
            self.remote.minimumSecurity = self.remote.connection.security
            self.gateway.phase = .commands
            if !self.remote.connection.host.isEmpty { self.out.append(.lookUp(.host(self.remote.connection.host))) }
            return
        }
        if self.awaitsWordOfGateway { return self.greetedMeanwhile(reply) }
        if reply.isPositive { self.note(.greeted) }
        guard reply.isPositive else { return self.waitingHello == nil ? self.extraRefused(reply) : self.ladderRefused(reply.line) }
        self.sayHello()
    }

    /// What a greeting says of the host by itself; nothing is done again for it.
    private mutating func observeGreeting(_ reply: Reply) {
        guard self.isWatched(.greeting, reply.code >= 400 ? .refused : .accepted),
            let (name, diagnosis) = self.diagnosis(of: Observation(.reply(reply), to: nil, at: .greeting), isTooLate: true),
            diagnosis.retry == .none || (diagnosis.retry == .later && self.rescue == nil)
        else { return }
        if let finding = Cause(name, diagnosis, nil, .reply(reply), entry: nil).finding { self.proved(finding) }
    }

    /// An extra connection's greeting or EHLO was refused: law 5 makes it a 421 at the message boundary.
    mutating func extraRefused(_ reply: Reply) {
        if self.triesLater(reply) { return }
        self.note(.extraRefused)
        self.drop(politely: reply.code != 421)
        self.giveUp(self.noExtraConnection(reply.line), because: reply.line)
    }
}

extension Connection {
    init(following connection: Connection, at now: NIODeadline) {
        self.init()
        self.number = connection.number + 1
        self.enter(.connecting, at: now)
    }
}

extension ConnectFailure {
    fileprivate var words: String {
        switch self {
        case .failed(let why): why
        case .noPlace: "no free connection"
        case .backedOff: "refused a short while ago"
        }
    }
}
