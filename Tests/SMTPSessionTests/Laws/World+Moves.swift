import NIOCore
import QuirkKit
import SMTPSession
import SMTPWire

/// What may happen next.
extension World {
    private enum Move {
        case gatewaySays, gatewayArrives, hostReads, hostAnswers, hostArrives, hostGoes, connects, routes, gatewayGoes, remoteSecures, gatewaySecures,
            drains
    }

    func move() {
        self.step += 1
        self.disturb()
        self.passTime()
        var moves: [Move] = []
        if self.gatewayMaySay { moves.append(.gatewaySays) }
        if self.gatewayHasMore { moves += [.gatewayArrives, .gatewayArrives] }
        if self.gateway.isClosed, !self.gateway.isGone { moves.append(.gatewayGoes) }
        if self.isDialling { moves.append(.connects) }
        if self.isRouting { moves.append(.routes) }
        if self.held != nil { moves.append(.drains) }
        if self.remoteIsHandshaking { moves.append(.remoteSecures) }
        if self.gateway.tls == .asked, !self.gateway.isClosed { moves.append(.gatewaySecures) }
        if let current {
            let remote = self.remotes[current]
            if !remote.unread.isEmpty, !remote.host.hasLeft { moves += [.hostReads, .hostReads] }
            if remote.host.hasToAnswer { moves += [.hostAnswers, .hostAnswers] }
            if !remote.pending.isEmpty, !remote.isClosed { moves += [.hostArrives, .hostArrives] }
            if remote.isClosed { moves.append(.hostGoes) }
        }
        guard !moves.isEmpty else { return self.waitOrLeave() }
        switch self.dice.pick(moves) {
        case .gatewaySays: self.gatewaySays()
        case .gatewayArrives: self.gatewayArrives()
        case .gatewayGoes: self.gatewayGoes()
        case .hostReads: self.hostReads()
        case .hostAnswers: self.hostAnswers()
        case .hostArrives: self.hostArrives()
        case .hostGoes: self.hostGoes()
        case .connects: self.answerDial()
        case .routes: self.answerRoute()
        case .drains: self.drain()
        case .remoteSecures:
            self.answerRemoteTLS()
            self.drive()
        case .gatewaySecures:
            self.answerGatewayTLS()
            self.drive()
        }
    }

    /// What is held goes as all before it has left; or the remote takes nothing more.
    private func drain() {
        guard let held = exchange(&self.held, with: nil) else { return }
        guard !self.dice.permille(150) else { return self.tell(.notDrained) }
        self.writeHeld(held)
        self.tell(.drained)
    }

    // MARK: The gateway

    private var gatewayMaySay: Bool {
        guard !self.gateway.hasEnded, !self.gateway.isClosed, !self.gateway.actor.isDone else { return false }
        var actor = self.gateway.actor
        return actor.act(self.gateway.witness, hasUnsent: !self.gateway.unsent.isEmpty) != nil
    }

    private var gatewayHasMore: Bool {
        guard !self.gateway.isClosed, !self.gateway.isGone, self.codec.waiting < SessionCodec.highWater else { return false }
        return !self.gateway.unsent.isEmpty || (self.gateway.hasEnded && !self.gateway.isEndTold)
    }

    private func gatewaySays() {
        guard var octets = self.gateway.actor.act(self.gateway.witness, hasUnsent: !self.gateway.unsent.isEmpty) else { return }
        if let most = self.scenario.plan.leavesAfter, self.gateway.said + octets.count >= most {
            octets = Array(octets.prefix(max(0, most - self.gateway.said)))
            self.gateway.said += octets.count
            self.gateway.unsent += octets
            return self.gatewayLeaves(self.scenario.plan.leaving)
        }
        self.gateway.said += octets.count
        self.gateway.unsent += octets
        if self.gateway.actor.isDone, self.scenario.plan.leaving == .ends {
            self.gateway.hasEnded = self.gateway.hasEnded || self.gateway.actor.hasQuit
        }
    }

    private func gatewayLeaves(_ leaving: GatewayPlan.Leaving) {
        switch leaving {
        case .never: break
        case .ends: self.gateway.hasEnded = true
        case .resets: self.resetGateway()
        }
    }

    private func resetGateway() {
        guard !self.gateway.isGone else { return }
        self.note("! C resets")
        self.wasReset = true
        self.gateway.hasEnded = true
        self.gateway.isEndTold = true
        self.gateway.unsent = []
        self.codec.ended(.gateway)
        self.drive()
        self.gatewayGoes()
    }

    private func gatewayArrives() {
        let piece = Array(self.gateway.unsent.prefix(self.dice.piece(of: self.gateway.unsent.count)))
        if !piece.isEmpty, self.gateway.tls == .asked {
            self.failGatewayTLS()
            return self.drive()
        }
        if !piece.isEmpty {
            self.note("C: \(piece.shown)")
            self.gateway.unsent.removeFirst(piece.count)
            self.gateway.witness.hear(piece, at: self.step)
            self.codec.read(ByteBuffer(bytes: piece), from: .gateway)
        }
        if self.gateway.unsent.isEmpty, self.gateway.hasEnded, !self.gateway.isEndTold, piece.isEmpty || self.dice.permille(500) {
            self.note("! C closes")
            self.gateway.isEndTold = true
            self.codec.ended(.gateway)
        }
        self.drive()
    }

    func gatewayGoes() {
        guard !self.gateway.isGone else { return }
        self.gateway.isGone = true
        self.gateway.hasEnded = true
        self.gateway.unsent = []
        self.note("! C is gone")
        self.tell(.closed(.gateway))
    }

    // MARK: Hosts

    private func hostReads() {
        guard let current else { return }
        let piece = Array(self.remotes[current].unread.prefix(self.dice.piece(of: self.remotes[current].unread.count)))
        self.remotes[current].unread.removeFirst(piece.count)
        let emissions = self.remotes[current].host.read(piece, at: self.step, &self.dice)
        self.remotes[current].say(emissions)
    }

    private func hostAnswers() {
        guard let current, self.remotes[current].host.hasToAnswer else { return }
        var decided = self.scenario.hostSeed.flatMap { seed in self.remotes[current].host.dice(of: seed) } ?? self.dice
        self.remotes[current].say(self.remotes[current].host.answer(at: self.step, &decided))
        if self.scenario.hostSeed == nil { self.dice = decided }
        if self.dice.permille(100) { self.remotes[current].say(self.remotes[current].host.chatter(&self.dice)) }
    }

    /// Octets of the host, across replies or in the middle of one; perhaps its close with them.
    private func hostArrives() {
        guard let current else { return }
        if self.remotes[current].watch.tls == .asked, self.remotes[current].pending.first?.octets.isEmpty == false {
            self.failRemoteTLS(.handshake)
            return self.drive()
        }
        var octets: [UInt8] = []
        var budget = self.dice.piece(of: self.remotes[current].pending.reduce(0) { $0 + $1.octets.count - $1.sent })
        while budget > 0, let first = self.remotes[current].pending.first {
            guard !first.octets.isEmpty else { break }
            if first.sent == 0 {
                self.remotes[current].watch.hearBeginning(at: self.step)
                if self.remotes[current].watch.isInjected { self.tally[.injections, default: 0] += 1 }
            }
            let piece = first.octets[first.sent...].prefix(budget)
            octets += piece
            budget -= piece.count
            self.remotes[current].pending[0].sent += piece.count
            guard self.remotes[current].pending[0].sent == first.octets.count else { break }
            self.remotes[current].pending.removeFirst()
            if case .reply(let code, let text) = first.emission { self.replyArrived(code, text, at: current) }
        }
        if !octets.isEmpty {
            self.note("S\(self.remotes[current].host.number): \(octets.shown)")
            self.codec.read(ByteBuffer(bytes: octets), from: .remote)
        }
        switch self.remotes[current].pending.first?.emission {
        case .end? where octets.isEmpty || self.dice.permille(500): self.hostEnds(current, isReset: false)
        case .reset? where octets.isEmpty || self.dice.permille(500): self.hostEnds(current, isReset: true)
        case .reply?, .junk?, .end?, .reset?, nil: self.drive()
        }
    }

    private func replyArrived(_ code: Int, _ text: String, at index: Int) {
        let witness = self.remotes[index].watch.witness
        let source = ReplySource(
            remote: index, code: code, text: text, exchange: witness.owed.first, isEarly: witness.isInContent,
            mails: witness.exchanges.count { $0.verb == "MAIL" })
        self.remotes[index].watch.hear(reply: code, text, at: self.step)
        if let mark = Mark.first(in: text) { self.sources[mark] = source }
        self.count(source)
    }

    private func hostEnds(_ index: Int, isReset: Bool) {
        self.note("! S\(self.remotes[index].host.number) \(isReset ? "resets" : "closes")")
        self.remotes[index].pending = []
        self.remotes[index].hasEnded = true
        self.codec.ended(.remote)
        self.drive()
        if isReset, self.current == index { self.hostGoes() }
    }

    /// The shell reports that a connection is gone.
    private func hostGoes() {
        guard let current else { return }
        self.current = nil
        self.remotes[current].isGone = true
        self.note("! S\(self.remotes[current].host.number) is gone")
        self.tell(.closed(.remote))
    }

    private func answerRoute() {
        self.isRouting = false
        guard self.dice.permille(800) else { return self.tell(.routed(.failed(Reply(451, "4.4.3 no answer from the DNS")))) }
        let domains = self.profile.tlsOfDomains
        self.profile = self.scenario.profile
        self.profile.tlsOfDomains = domains
        self.answers.append(.profile(self.profile))
        self.tell(.routed(.remote("192.0.2.1:25")))
    }

    private func answerDial() {
        self.isDialling = false
        if self.dice.permille(self.scenario.connectFails) {
            return self.tell(
                .connectFailed(
                    self.dice.pick(
                        self.dials > 1 ? [.failed("connection refused"), .noPlace, .backedOff] : [.failed("connection refused"), .noPlace])))
        }
        let natures = self.scenario.hosts
        let nature = natures[min(self.remotes.count, natures.count - 1)]
        // Mailshim counts the connections it asked for.
        self.remotes.append(RemoteLeg(host: Host(number: self.dials, nature: nature)))
        self.current = self.remotes.count - 1
        self.note("#\(self.dials) \(nature)")
        self.tell(.connected())
    }

    // MARK: Time, and mischief

    private func passTime() {
        guard self.dice.permille(100) else { return }
        let then = self.now + .milliseconds(Int64(self.dice.pick([1, 50, 500, 1500])))
        if let deadline = self.codec.deadline, deadline <= then { return self.tick(at: deadline) }
        self.now = then
    }

    private func tick(at deadline: NIODeadline) {
        self.now = max(self.now, deadline)
        self.note("@ tick")
        self.tell(.tick)
        if let next = self.codec.deadline, next <= self.now { self.blame(9, "after a tick the deadline is not in the future") }
    }

    /// Nothing can happen but that time passes; and where not even that, the peers leave.
    private func waitOrLeave() {
        if let deadline = self.codec.deadline {
            // The patience of gateways has an end, too.
            if self.gateway.actor.isDone, !self.gateway.hasEnded, self.gateway.witness.owed.isEmpty, self.dice.permille(500) {
                return self.gatewayLeavesAtLast()
            }
            return self.tick(at: deadline)
        }
        if !self.gateway.isGone { return self.gatewayLeavesAtLast() }
        if let current { return self.hostEnds(current, isReset: self.dice.permille(300)) }
    }

    private func gatewayLeavesAtLast() {
        guard !self.gateway.hasEnded, self.dice.permille(700) else { return self.resetGateway() }
        self.gateway.hasEnded = true
    }

    private func disturb() {
        guard self.scenario.mischief > 0, self.dice.permille(self.scenario.mischief) else { return }
        switch self.dice.below(12) {
        case 0, 1, 2: self.tell(.tick)
        case 3, 4, 5, 6: self.tell(.placeWanted)
        case 7 where !self.wasStopped && self.dice.permille(300):
            self.wasStopped = true
            self.note("! shutdown")
            self.tell(.shutdown)
        case 8 where self.dice.permille(300): self.resetGateway()
        case 9:
            if let current, !self.remotes[current].isClosed, !self.remotes[current].hasEnded {
                self.hostEnds(current, isReset: self.dice.permille(500))
            }
        case 10: self.now = self.now + .seconds(1)
        default: break
        }
    }
}
