import NIOCore
import QuirkKit
import SMTPWire

/// From the gateway's connection to its greeting, and the making of every connection to the remote (RFC 5321 §3.1).
extension Session {
    mutating func open(_ opening: Opening) {
        self.gateway.lastHeard = self.now
        self.gateway.terms = opening.gateway
        guard let remote = opening.remote else {
            self.route = .atRecipient
            self.phase = .commands
            return self.tell(Reply(220, "\(self.settings.hostname) ESMTP"))
        }
        self.remoteName = remote
        self.phase = .opening
        self.connect(isExtra: false)
    }

    mutating func apply(_ profile: Profile) {
        let before = exchange(&self.profile, with: profile)
        // A name that came in clear text can make a demand stricter, never laxer (law 7). Before a connection stood nothing has come.
        let hasStood = self.connection.number > 1 || ![.none, .connecting].contains(self.connection.state)
        if profile.tls.level < before.tls.level, hasStood { self.profile.tls = before.tls }
        // Who begins with TLS asks for TLS, and could not be told that it ends here (law 7): clear text behind it only where a rule says `off`.
        if self.gateway.terms.isEncrypted, self.profile.tls.level == .opportunistic {
            self.profile.tls = TLSDemand(.required, self.profile.tls.manner == .passthrough ? .starttls : self.profile.tls.manner)
        }
        self.layers.update(known: profile.layers, ignored: profile.ignored)
        self.refold()
        self.lookingUp = nil
    }

    mutating func connect(isExtra: Bool) {
        self.noteReuse()
        self.connection = Connection(following: self.connection, at: self.now)
        if self.layers.probed != nil { self.layers.probe(nil) }
        self.refold()
        self.actions.append(.connect(isExtra: isExtra))
    }

    mutating func connected() {
        guard self.connection.state == .connecting else { return }
        if case .opening = self.phase, self.profile.bypass {
            self.log(.passthrough(because: "bypass"))
            self.phase = .relaying
            return self.actions.append(.relay)
        }
        guard self.profile.tls.manner == .implicit, self.profile.tls.level > .off else { return self.connection.enter(.greeting, at: self.now) }
        if self.connection.number == 1 { self.chooseFallback() }
        self.secureRemote()
    }

    mutating func connectFailed(_ failure: ConnectFailure) {
        guard self.connection.state == .connecting else { return }
        self.connection.enter(.none, at: self.now)
        if case .opening = self.phase {
            let (reply, because) =
                switch failure {
                case .failed(let why): (self.unreachable(why), why)
                case .noPlace: (self.noPlaceAtGreeting, "no place")
                case .backedOff: (self.unreachable("refused a short while ago"), "backed off")
                }
            self.log(.connectFailed(because: because, told: reply.line))
            self.tell(reply)
            return self.finish(because: "remote unreachable")
        }
        guard self.gateway.waitingHello == nil else {
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
        self.connection.host = reply.greetingName ?? ""
        self.observeGreeting(reply)
        if case .opening = self.phase {
            self.log(.greeted(connection: self.connection.number, host: self.connection.host, reply: reply.line))
            self.tell(reply)
            guard reply.isPositive else {
                self.drop(politely: reply.code != 421)
                return self.finish(because: "the remote refused the connection")
            }
            self.connection.enter(.ready, at: self.now)
            self.minimumSecurity = self.connection.security
            self.phase = .commands
            if !self.connection.host.isEmpty { self.actions.append(.lookUp(.host(self.connection.host))) }
            return
        }
        guard reply.isPositive else { return self.gateway.waitingHello == nil ? self.extraRefused(reply) : self.ladderRefused(reply.line) }
        self.sayHello()
    }

    /// What a greeting says of the host by itself; nothing is done again for it.
    private mutating func observeGreeting(_ reply: Reply) {
        guard self.isWatched(.greeting, reply.code >= 400 ? .refused : .accepted),
            let (name, diagnosis) = self.diagnosis(of: Observation(.reply(reply), to: nil, at: .greeting)), diagnosis.retry == .none
        else { return }
        if let finding = Cause(name, diagnosis, nil, .reply(reply), entry: nil).finding { self.proved(finding) }
    }

    /// An extra connection's greeting or EHLO was refused: law 5 makes it a 421 at the message boundary.
    mutating func extraRefused(_ reply: Reply) {
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
