import NIOCore
import QuirkKit
import SMTPSession
import SMTPWire

/// What the engine says is done, action by action. What comes of it at once is heard in the same turn.
extension SessionDriver {
    func carryOut(_ actions: [Action], at now: NIODeadline) {
        for action in actions {
            switch action {
            case .send(let bytes, .gateway): self.gateway?.write(bytes)
            case .send(let bytes, .remote): self.remote?.write(bytes)
            case .sendWhenDrained(let bytes, let deadline): self.sendWhenDrained(bytes, by: deadline)
            case .sendSecret(let secret): self.remote?.write(secret.withOctets { ByteBuffer(bytes: $0) })
            case .secure(let side, let isLegacy): self.secure(side, isLegacy: isLegacy)
            case .connect(let isExtra): self.connect(isExtra: isExtra)
            case .close(.gateway): if let gateway { gateway.leave(isAwaited: !self.codec.hasQuit || self.hasUnread(gateway)) }
            case .close(.remote):
                self.stopDialling()
                self.remote?.leave()
            case .abort(.gateway): self.gateway?.abort()
            case .abort(.remote):
                let remote = self.remote
                self.forgetRemote()
                remote?.abort()
            case .relay: self.splice(at: now)
            case .lookUp(let lookUp):
                self.learn(lookUp)
                if case .domain = lookUp { self.answer(self.profile()) }
            case .route:
                self.answer(.routed(.failed(Reply(451, "4.3.5 \(self.snapshot.settings.hostname) cannot route by recipient domain"))))
            case .note(let note):
                self.snapshot.metrics.count(note)
                for event in self.snapshot.policies.note(note, of: self.facts, session: self.handle.id) { self.answer(event) }
                // What was just learned holds for the rest of this session too: no message more is refused for it.
                switch note {
                case .found, .suspected: self.answer(self.profile())
                case .greeted: self.slot?.greeted()
                case .reused, .used, .clean, .asksProbe, .did, .failed, .extraRefused, .extraAccepted: break
                }
            case .log(let record): self.log(record)
            case .count(let count): self.snapshot.metrics.count(count)
            }
        }
    }

    func log(_ record: Record) {
        self.tally(record)
        if case .message(let message) = record, !self.snapshot.log.wants(message) { return }
        let legs = Line.Legs(gateway: self.gatewayText, remote: self.remoteText, tls: self.remoteSecurity?.version)
        self.snapshot.log.write(Line(record, session: self.handle.id, legs))
    }

    private func learn(_ lookUp: LookUp) {
        switch lookUp {
        case .host(let host):
            self.facts.greeting = host
            if self.snapshot.policies.mindsGreetings { self.answer(self.profile()) } else { self.expectation.greeting = host }
        case .domain(let domain):
            if self.facts.tlsOfDomains.count < RemoteFacts.mostDomains { self.snapshot.policies.add(domain: domain, to: &self.facts) }
        }
    }

    func profile() -> Event {
        let policy = self.snapshot.policies.policy(on: self.facts)
        self.places = policy.terms
        self.expectation = policy.expectation
        return .profile(policy.profile)
    }

    private func splice(at now: NIODeadline) {
        let timeouts = self.snapshot.settings.timeouts
        self.relay = Tunnel(patience: max(timeouts.done, timeouts.idle), at: now)
        for (side, from, to) in [(Side.gateway, self.gateway, self.remote), (.remote, self.remote, self.gateway)] {
            let rest = self.codec.remains(of: side)
            self.relay?.count(rest.readableBytes, from: side, at: now)
            to?.write(rest)
            if from?.hasEnded != false { to?.endOutput() }
        }
    }
}
