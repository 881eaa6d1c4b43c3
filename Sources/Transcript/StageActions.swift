import NIOCore
import SMTPSession
import SMTPWire

extension Stage {
    /// Does what the shell would do.
    mutating func carryOut(_ actions: [Action]) {
        for action in actions {
            switch action {
            case .send(let buffer, let side): self.hear(Array(buffer.readableBytesView), side)
            case .sendWhenDrained(let buffer, by: _):
                self.hearing.asks.append(.drain)
                self.held = Array(buffer.readableBytesView)
            case .sendSecret(let secret): self.hear(secret.withOctets { Array($0) }, .remote)
            case .secure(let side, let isLegacy): self.secure(side, isLegacy: isLegacy)
            case .connect(let isExtra):
                self.isDialling = true
                self.departed.removeAll { $0.side == .remote }
                self.hearing.asks.append(.connect(isExtra: isExtra))
            case .close(.remote) where self.isDialling, .abort(.remote) where self.isDialling:
                self.isDialling = false
                self.hearing.asks.append(.giveUpConnecting)
            case .close(let side): self.close(side)
            case .abort(let side): self.abort(side)
            case .relay: self.relay()
            case .lookUp(.host(let host)):
                self.leave(Trace("looks-up host \(host)", isDemanded: false))
                self.answers.append(.profile(self.profiles.lookUp(host: host)))
            case .lookUp(.domain(let domain)):
                self.leave(Trace("looks-up domain \(domain)", isDemanded: false))
                self.answers.append(.profile(self.profiles.lookUp(domain: domain)))
            case .route(let domain): self.hearing.asks.append(.route(domain: domain))
            case .note(.asksProbe(let quirk)): self.hearing.asks.append(.probe(quirk: quirk))
            case .note(let note): self.leave(Trace(note))
            case .log(let record): self.leave(Trace(record))
            case .count: break
            }
        }
    }

    private mutating func leave(_ trace: Trace) {
        self.hearing.traces.append(trace)
        self.outcome.traces.append(trace)
    }

    private mutating func relay() {
        self.hearing.isRelayed = true
        self.isRelaying = true
        for side in [Side.gateway, .remote] {
            self.hear(Array(self.engine.remains(of: side).readableBytesView), side.other)
            if let leg = self.leg(side), self.connections[leg]?.hasEnded == true { self.close(side.other) }
        }
    }
}
