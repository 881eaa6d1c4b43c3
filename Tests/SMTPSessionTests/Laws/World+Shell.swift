import NIOCore
import QuirkKit
import SMTPSession
import SMTPWire

/// What the shell does (Sources/ProxyServer/Session).
extension World {
    func carryOut(_ actions: [Action]) {
        for action in actions {
            switch action {
            case .send(let buffer, .gateway): self.write(toGateway: Array(buffer.readableBytesView))
            case .send(let buffer, .remote):
                let octets = Array(buffer.readableBytesView)
                if octets.contains(octets: [UInt8](Content.secret)) { self.blame(10, "a secret is sent as anything else: \(octets.shown)") }
                self.write(toRemote: octets)
            case .sendWhenDrained(let buffer, by: _):
                if self.current == nil || self.held != nil { self.blame(9, "an end is held for no connection, or twice") }
                self.held = Array(buffer.readableBytesView)
            case .sendSecret(let secret):
                let octets = secret.withOctets { Array($0) }
                self.write(toRemote: octets)
                self.judgeSecret(octets)
            case .secure(let side, let isLegacy): self.secure(side, isLegacy: isLegacy)
            case .connect(let isExtra): self.dial(isExtra: isExtra)
            case .close(.gateway):
                self.note("! >C closed")
                self.gateway.isClosed = true
            case .close(.remote), .abort(.remote): self.leaveRemote(isAbort: action == .abort(.remote))
            case .abort(.gateway):
                self.note("! >C aborted")
                self.gateway.isClosed = true
            case .relay: self.isRelaying = true
            case .lookUp(let lookUp): self.lookUp(lookUp)
            case .route: self.isRouting = true
            case .note(let note): self.take(note)
            case .log(let record):
                self.note("  log \(record)")
                self.records.append(record)
            case .count: break
            }
        }
    }

    private func take(_ note: Note) {
        self.note("  note \(note)")
        self.notes.append(note)
        switch note {
        case .asksProbe: self.answers.append(.probe(granted: self.dice.permille(500)))
        case .found(let finding):
            guard self.scenario.learns, finding.counting.isConclusive else { break }
            self.profile.layers.removeAll { $0.setting.name == finding.quirk.name }
            self.profile.layers.append(Layer(finding.quirk, .learned))
            self.answers.append(.profile(self.profile))
        case .suspected, .reused, .used, .clean, .did, .greeted, .failed, .extraRefused, .extraAccepted: break
        }
    }

    private func lookUp(_ lookUp: LookUp) {
        switch lookUp {
        case .host: if let tls = self.scenario.tlsOfHost { self.profile.tls = tls }
        case .domain(let domain): self.profile.tlsOfDomains[domain] = self.scenario.tlsOfDomains[domain]
        }
        self.answers.append(.profile(self.profile))
    }

    private func dial(isExtra: Bool) {
        self.note("  connect isExtra=\(isExtra)")
        if isExtra != (self.dials > 0) { self.blame(5, "connection \(self.dials + 1) asked for as isExtra=\(isExtra)") }
        if self.isDialling { self.blame(9, "two connections asked for at once") }
        if let current, !self.remotes[current].isClosed, !self.remotes[current].hasEnded {
            self.blame(9, "a new connection while #\(self.remotes[current].host.number) stands")
        }
        self.current = nil
        self.dials += 1
        self.isDialling = true
        if self.dials > 1, self.gateway.witness.exchanges.last(where: { $0.reply == nil })?.verb == "EHLO", !self.hasShown {
            self.tally[.ladders, default: 0] += 1
        }
    }

    private func leaveRemote(isAbort: Bool) {
        self.isDialling = false
        self.held = nil
        guard let current else { return }
        self.note("! >S\(self.remotes[current].host.number) \(isAbort ? "aborted" : "closed")")
        self.remotes[current].isClosed = true
        self.remotes[current].pending = []
        if isAbort {
            self.remotes[current].isGone = true
            self.current = nil
        }
    }

    private func write(toRemote octets: [UInt8]) {
        guard let current else { return self.blame(9, "wrote \(octets.shown) to a remote that is not there") }
        self.note(">S\(self.remotes[current].host.number) \(octets.shown)")
        if self.remotes[current].isClosed { self.blame(3, "wrote \(octets.shown) to #\(self.remotes[current].host.number) after its close") }
        let count = self.remotes[current].watch.witness.exchanges.count
        self.remotes[current].watch.write(octets, at: self.step)
        self.remotes[current].unread += octets
        self.takeFaults(of: current)
        self.judgeTLS(of: current, from: count)
    }

    func writeHeld(_ octets: [UInt8]) { self.write(toRemote: octets) }

    func takeFaults(of index: Int) {
        for fault in self.remotes[index].watch.faults { self.blame(fault.law, "on #\(self.remotes[index].host.number): \(fault.text)") }
    }

    private func write(toGateway octets: [UInt8]) {
        self.note(">C \(octets.shown)")
        if self.gateway.isClosed { self.blame(3, "told the gateway \(octets.shown) after the close") }
        self.gateway.heard += octets
        while let reply = self.nextReply() { self.hear(reply.code, reply.text) }
    }

    /// The next whole reply in strict form (RFC 5321 §4.2).
    private func nextReply() -> (code: Int, text: String)? {
        let heard = self.gateway.heard
        var lines: [String] = []
        var code = 0
        var start = 0
        while let end = heard[start...].firstIndex(of: 0x0A) {
            let line = heard[start..<end]
            guard line.last == 0x0D, line.count >= 5, let number = Int(String(decoding: line.prefix(3), as: UTF8.self)), number >= 200,
                [0x20, 0x2D].contains(line[line.startIndex + 3]), lines.isEmpty || number == code,
                line.dropLast().dropFirst(4).allSatisfy({ $0 == 0x09 || (0x20..<0x7F).contains($0) })
            else {
                self.blame(8, "told the gateway \(Array(line).shown), which is no reply")
                self.gateway.heard = []
                return nil
            }
            code = number
            lines.append(String(decoding: line.dropFirst(4).dropLast(), as: UTF8.self))
            start = end + 1
            guard line[line.startIndex + 3] == 0x20 else { continue }
            self.gateway.heard = Array(heard[start...])
            return (code, lines.joined(separator: "\n"))
        }
        return nil
    }
}
