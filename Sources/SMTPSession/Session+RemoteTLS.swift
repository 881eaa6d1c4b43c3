import NIOCore
import QuirkKit
import SMTPWire

/// TLS towards the remote, the ladder that opportunistic TLS goes down (RFC 7435 §3), and what is told to whom demands more than there is.
extension Session {
    /// The reply to STARTTLS towards the remote.
    mutating func remoteStartTLSAnswered(_ reply: Reply) {
        guard reply.code != 220 else { return self.secureRemote() }
        if !reply.isIntermediate {
            if reply.code != 421 { self.actions.append(.send(ByteBuffer(bytes: Command.quit.bytes), to: .remote)) }
            self.actions.append(.close(.remote))
            self.link.enter(.none, at: self.now)
        }
        self.insecure(TLSFailure(.reply(reply.code), because: "STARTTLS: \(reply.line)"))
    }

    mutating func secureRemote() {
        self.link.enter(.securing, at: self.now)
        self.link.keywords = nil
        self.actions.append(.secure(.remote, isLegacy: self.rung == .legacy))
    }

    mutating func secured(_ side: Side, _ security: Security) {
        switch side {
        case .gateway: self.gatewaySecured(security)
        case .remote:
            guard self.link.state == .securing else { return }
            self.link.security = security
            self.log(.secured(side: .remote, connection: self.link.number, security))
            if case .running(let quirk, _) = self.probe, self.isFirstHello {
                self.note(.clean(quirk: quirk))
                self.probe = .denied
            }
            if self.profile.tls.manner == .implicit { self.link.enter(.greeting, at: self.now) } else { self.sayHello() }
        }
    }

    /// There is no TLS on this connection, which is good for nothing more. The first goes down the ladder, where the rule lets it.
    mutating func insecure(_ failure: TLSFailure) {
        self.abortRemote()
        self.log(.insecure(connection: self.link.number, because: failure.because))
        if self.repair != nil {
            self.note(.extraRefused)
            return self.giveUp(self.cannotSecure(failure.because), because: failure.because)
        }
        if case .opening = self.phase {
            self.tell(self.noTrustedTLS(failure.because))
            return self.finish(because: "TLS failed")
        }
        guard self.isFirstHello else { return }
        self.gateway.offersTLS = true
        self.concludeLadder(failure.because)
        if self.profile.tls.level == .opportunistic, self.stepDown(failure) { return }
        self.ownWorkBegan = nil
        self.tlsFailure = failure.because
        if let hello = exchange(&self.gateway.waitingHello, with: nil) { self.answerFirstHello(hello) }
    }

    /// TLS stands, and what was said over it came to nothing: under opportunistic TLS a step of the same ladder. False: it is not, and nothing was done.
    mutating func leavesTLS(_ kind: TLSFailure.Kind, because: String) -> Bool {
        guard self.isFirstHello, self.gateway.waitingHello != nil, self.link.security != nil, self.profile.tls.manner == .starttls,
            self.profile.tls.level == .opportunistic
        else { return false }
        // Who refused in words is told that it is over.
        if case .hello(let code?) = kind, code != 421, self.link.state == .hello {
            self.actions.append(.send(ByteBuffer(bytes: Command.quit.bytes), to: .remote))
            self.actions.append(.close(.remote))
            self.link.enter(.none, at: self.now)
        }
        self.abortRemote()
        self.log(.insecure(connection: self.link.number, because: because))
        self.gateway.offersTLS = true
        self.concludeLadder(because)
        return self.stepDown(TLSFailure(kind, because: because))
    }

    private mutating func stepDown(_ failure: TLSFailure) -> Bool {
        guard failure.kind != .ours,
            case (let name, .recover(let recovery, let finding, let because))? = self.quirks.decide(
                on: .tlsFailed(failure), to: nil, given: self.facts)
        else { return false }
        switch (recovery, self.rung) {
        case (.legacyTLS, .modern): self.rung = .legacy
        case (.clearText, .modern), (.clearText, .legacy): self.rung = .clear
        default: return false
        }
        if case .running = self.probe { self.probe = .denied }
        self.ladderQuirk = name
        self.ladderCause = Cause(quirk: name, finding: finding, sent: "STARTTLS", reply: failure.because, because: because, entry: nil)
        self.connect(isExtra: true)
        return true
    }

    /// A step down the ladder did not help.
    mutating func concludeLadder(_ outcome: String) {
        if let cause = exchange(&self.ladderCause, with: nil) { self.logLadder(cause, outcome: outcome) }
    }

    mutating func logLadder(_ cause: Cause, outcome: String) {
        self.log(
            .repair(
                .init(
                    quirk: cause.quirk ?? "none", connection: self.link.number, sent: cause.sent, reply: cause.reply,
                    action: self.rung == .legacy ? "legacy-tls" : "clear-text", outcome: outcome, because: cause.because)))
    }

    /// Where on the ladder to begin, as far as quirks know. What was learned never weakens a demand.
    /// - Parameter probed: the quirk that is done without, to see whether it is still needed.
    mutating func chooseRung(without probed: String? = nil) {
        let step = self.quirks.firstRung(self.facts) { name, rung in
            switch rung {
            case _ where name == probed: false
            case .legacy where self.isConfigured(name): true
            case .modern, .legacy, .clear: self.profile.tls.level <= .opportunistic
            }
        }
        guard let (name, rung) = step else { return }
        switch self.leave(toDoWithout: name) {
        case .ask: self.askProbe(name)
        case .granted: self.chooseRung(without: name)
        case .none:
            self.rung = rung
            self.ladderQuirk = name
            self.note(.used(quirk: name))
            self.log(
                .quirk(
                    name: name, connection: self.link.number, did: rung == .clear ? "used clear text" : "allowed old TLS",
                    because: "known of this host", isDowngrade: true))
        }
    }

    private func isConfigured(_ quirk: String) -> Bool { self.profile.applied.contains { $0.setting.name == quirk && $0.isConfigured } }

    /// Whether a rule says itself that old TLS will do.
    private var mayBeOld: Bool { self.quirks.firstRung(self.facts) { name, rung in rung == .legacy && self.isConfigured(name) } != nil }

    /// Why a recipient or a sender may not use the connection of this session.
    func shortfall(of demand: TLSDemand) -> Reply? {
        self.shortfall(of: demand, on: self.link.state == .ready ? self.link.security : self.floor)
    }

    /// Why they may not use one with this TLS: 4.7.4 where the remote has none, 4.7.5 where it failed (RFC 7672 §2.1, README.md).
    func shortfall(of demand: TLSDemand, on security: Security?) -> Reply? {
        if let failure = self.tlsFailure { return self.cannotSecure(failure) }
        switch demand.level {
        case .off, .opportunistic: return nil
        case .required, .verified:
            guard let security else { return self.withoutTLS }
            if security.isLegacy, !self.mayBeOld { return self.cannotSecure("only old TLS") }
            guard demand.level == .verified, !security.isVerified(for: demand.names) else { return nil }
            if security.isLegacy { return self.cannotSecure("only old TLS") }
            return self.cannotSecure(
                demand.names.isEmpty ? security.doubt ?? "not verified" : "it is not verified that this is \(demand.names.joined(separator: " or "))")
        }
    }
}
