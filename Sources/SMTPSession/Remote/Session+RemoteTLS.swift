import NIOCore
import QuirkKit
import SMTPWire

/// TLS towards the remote, how opportunistic TLS falls back (RFC 7435 §3), and what is told to whom demands more than there is.
extension Session {
    /// The reply to STARTTLS towards the remote.
    mutating func remoteStartTLSAnswered(_ reply: Reply) {
        guard reply.code != 220 else { return self.secureRemote() }
        if !reply.isIntermediate { self.letGo(saysQuit: reply.code != 421) }
        self.insecure(TLSFailure(.reply(reply.code), because: "STARTTLS: \(reply.line)"))
    }

    mutating func secureRemote() {
        self.remote.connection.enter(.securing, at: self.now)
        self.remote.connection.keywords = nil
        self.refold()
        self.out.append(.secure(.remote, isLegacy: self.remote.fallback == .legacy))
    }

    mutating func secured(_ side: Side, _ security: Security) {
        switch side {
        case .gateway: self.gatewaySecured(security)
        case .remote:
            guard self.remote.connection.state == .securing else { return }
            self.remote.connection.security = security
            self.log(.secured(side: .remote, connection: self.remote.connection.number, security))
            if self.isFirstHello { self.acquit(Observation(.reply(Reply(220, "")), to: .starttls)) }
            if self.remote.profile.tls.manner == .implicit { self.remote.connection.enter(.greeting, at: self.now) } else { self.sayHello() }
        }
    }

    /// There is no TLS on this connection, which is good for nothing more. The first goes down the ladder, where the rule lets it.
    mutating func insecure(_ failure: TLSFailure) {
        self.abortRemote()
        self.log(.insecure(connection: self.remote.connection.number, because: failure.because))
        if self.rescue != nil {
            self.note(.extraRefused)
            return self.giveUp(self.cannotSecure(failure.because), because: failure.because)
        }
        if case .opening = self.gateway.phase {
            self.tell(self.noTrustedTLS(failure.because))
            return self.finish(because: "TLS failed", by: .remote)
        }
        guard self.isFirstHello else { return }
        self.gateway.offersTLS = true
        self.concludeEstablishing(failure.because)
        if self.remote.profile.tls.level == .opportunistic, self.stepDown(failure) { return }
        self.remote.tlsFailure = failure.because
        if let hello = self.waitingHello { self.answerFirstHello(hello) }
    }

    /// TLS stands, and what was said over it came to nothing: under opportunistic TLS a step of the same ladder. False: it is not, and nothing was done.
    mutating func leavesTLS(_ kind: TLSFailure.Kind, because: String) -> Bool {
        guard self.isFirstHello, self.waitingHello != nil, self.remote.connection.security != nil, self.remote.profile.tls.manner == .starttls,
            self.remote.profile.tls.level == .opportunistic
        else { return false }
        // Who refused in words is told that it is over.
        if case .hello(let code?) = kind, code != 421 { self.sayGoodbye() }
        self.abortRemote()
        self.log(.insecure(connection: self.remote.connection.number, because: because))
        self.gateway.offersTLS = true
        self.concludeEstablishing(because)
        return self.stepDown(TLSFailure(kind, because: because))
    }

    private mutating func stepDown(_ failure: TLSFailure) -> Bool {
        let seen = Observation(.tlsFailed(failure), to: .starttls)
        guard failure.kind != .ours, let (name, diagnosis) = self.diagnosis(of: seen), diagnosis.retry == .onNewConnection else { return false }
        let step = self.catalogue.workarounds(of: QuirkSetting(name, diagnosis.options)).tls
        guard step > self.remote.fallback else { return false }
        self.endProbe()
        self.assume(name, diagnosis.options)
        (self.remote.fallback, self.remote.fallbackQuirk) = (step, name)
        self.firstHello?.cause = Cause(name, diagnosis, .starttls, seen.answer, entry: nil)
        self.connect(isExtra: true)
        return true
    }

    /// What was taken for granted to say the first EHLO once more did not help.
    mutating func concludeEstablishing(_ outcome: String) {
        if let cause = self.takeFirstHelloCause() { self.logEstablishing(cause, outcome: outcome) }
    }

    /// What was taken for granted ended in a like refusal: it is not tried again at this host for an hour.
    mutating func refuteEstablishing(_ outcome: String) {
        guard let quirk = self.firstHello?.cause?.quirk else { return }
        self.concludeEstablishing(outcome)
        self.withdraw(quirk)
        self.bar(quirk)
    }

    mutating func logEstablishing(_ cause: Cause, outcome: String) {
        self.log(
            .repair(
                .init(
                    quirk: cause.quirk ?? "none", connection: self.remote.connection.number, sent: cause.command?.text ?? "",
                    reply: cause.answer.words,
                    action: self.actionOfEstablishing(cause), outcome: outcome, because: cause.because)))
    }

    private func actionOfEstablishing(_ cause: Cause) -> String {
        if case .hello? = cause.command.map(Observation.Moment.init) { return "helo" }
        return self.remote.fallback == .legacy ? "legacy-tls" : "clear-text"
    }

    /// Where opportunistic TLS begins, as far as quirks know.
    mutating func chooseFallback() {
        guard self.workarounds.tls > .modern, let name = self.remote.layers.quirk(behind: \.tls) else { return }
        if self.mustAskProbe(name) { return self.askProbe(name) }
        (self.remote.fallback, self.remote.fallbackQuirk) = (self.workarounds.tls, name)
        self.note(.used(quirk: name))
        self.log(
            .quirk(
                name: name, connection: self.remote.connection.number, did: self.remote.fallback == .clear ? "used clear text" : "allowed old TLS",
                because: "known of this host", isDowngrade: true))
    }

    /// Whether a rule says itself that old TLS will do.
    private var mayBeOld: Bool { self.remote.layers.allowsOldTLSByRule(self.catalogue) }

    /// Why a recipient or a sender may not use the connection of this session.
    func shortfall(of demand: TLSDemand) -> Reply? {
        self.shortfall(of: demand, on: self.remote.connection.state == .ready ? self.remote.connection.security : self.remote.minimumSecurity)
    }

    /// Why they may not use one with this TLS: 4.7.4 where the remote has none, 4.7.5 where it failed (RFC 7672 §2.1, README.md).
    func shortfall(of demand: TLSDemand, on security: Security?) -> Reply? {
        if let failure = self.remote.tlsFailure { return self.cannotSecure(failure) }
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
