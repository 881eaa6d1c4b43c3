import NIOCore
import QuirkKit
import SMTPSession

/// Handshakes, as the shell has them: asked for by the engine, and answered at once or later.
extension World {
    func secure(_ side: Side, isLegacy: Bool) {
        self.note("  secure \(side) isLegacy=\(isLegacy)")
        switch side {
        case .gateway: self.secureGateway()
        case .remote: self.secureRemote(isLegacy: isLegacy)
        }
    }

    private func secureGateway() {
        if self.gateway.tls != .clear { self.blame(7, "asked the gateway for TLS twice") }
        if self.gateway.witness.unread > 0 { self.blame(7, "begins TLS with octets of the gateway in front of it") }
        self.gateway.tls = .asked
        if self.dice.permille(400) { self.answerGatewayTLS() }
    }

    private func secureRemote(isLegacy: Bool) {
        guard let current else { return self.blame(9, "TLS with a remote that is not there") }
        if self.remotes[current].isClosed { self.blame(7, "TLS on a connection that is closed") }
        self.remotes[current].watch.asksTLS()
        self.remotes[current].isLegacy = isLegacy
        self.takeFaults(of: current)
        if self.rule.level == .off { self.blame(7, "TLS where a rule says off") }
        if self.rule.level > .opportunistic, isLegacy, !self.mayBeOld { self.blame(7, "old TLS where \(self.rule.level) is demanded") }
        if self.dice.permille(400) { self.answerRemoteTLS() }
    }

    /// Whether a handshake is to be answered; one that never ends is not.
    var remoteIsHandshaking: Bool {
        guard let current, self.remotes[current].watch.tls == .asked else { return false }
        if case .never = self.remotes[current].host.nature.tls?.handshake, self.remotes[current].pending.isEmpty { return false }
        return true
    }

    func answerRemoteTLS() {
        guard let current, self.remotes[current].watch.tls == .asked, let tls = self.remotes[current].host.nature.tls else { return }
        let isLegacy = self.remotes[current].isLegacy
        guard self.remotes[current].pending.isEmpty, !self.remotes[current].hasEnded else { return self.failRemoteTLS(.handshake) }
        switch tls.handshake {
        case .fails(let kind): return self.failRemoteTLS(kind)
        case .onlyOld where !isLegacy: return self.failRemoteTLS(self.dice.pick([.handshake, .closed]))
        case .stands where self.dice.permille(self.remotes[current].host.nature.closes): return self.failRemoteTLS(.closed)
        case .never: return
        case .stands, .onlyOld: break
        }
        let security = tls.security(isLegacy: isLegacy, isResumed: self.dials > 1 && self.dice.permille(500), &self.dice)
        self.remotes[current].watch.secured(security)
        self.remotes[current].host.secured()
        self.note("% TLS S\(self.remotes[current].host.number) \(security)")
        self.tally[.handshakes, default: 0] += 1
        if isLegacy { self.tally[.oldTLS, default: 0] += 1 }
        self.answers.append(.secured(.remote, security))
    }

    func failRemoteTLS(_ kind: TLSFailure.Kind) {
        guard let current else { return }
        self.note("% no TLS with S\(self.remotes[current].host.number): \(kind)")
        self.remotes[current].watch.notSecured()
        if !self.remotes[current].pending.isEmpty { self.tally[.injections, default: 0] += 1 }
        self.remotes[current].pending = []
        self.answers.append(.securingFailed(.remote, TLSFailure(kind, because: "a handshake that fails")))
    }

    func answerGatewayTLS() {
        guard self.gateway.tls == .asked else { return }
        guard self.gateway.unsent.isEmpty, !self.gateway.hasEnded, !self.dice.permille(self.scenario.plan.spoilsTLS) else {
            return self.failGatewayTLS()
        }
        let security = Security(version: "TLSv1.3", cipher: "X")
        self.gateway.tls = .stands(security)
        self.gateway.witness.secured()
        self.note("% TLS C")
        self.tally[.gatewayTLS, default: 0] += 1
        self.answers.append(.secured(.gateway, security))
    }

    /// Clear text arrives where a handshake should, or the gateway leaves.
    func failGatewayTLS() {
        self.note("% no TLS with C")
        self.gateway.tls = .failed
        self.gateway.unsent = []
        self.answers.append(.securingFailed(.gateway, TLSFailure(.handshake, because: "a handshake that fails")))
    }
}
