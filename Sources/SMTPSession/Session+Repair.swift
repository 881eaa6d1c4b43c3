import NIOCore
import QuirkKit
import SMTPWire

/// Repairs: what to do about an answer, and the envelope sent again (laws 4 and 5).
extension Session {
    enum Judgement {
        case pass(Reply, disconnects: Bool)
        case repaired
    }

    /// Asks whether an answer is a quirk's doing, and begins the repair where it is.
    mutating func judge(_ answer: Answer, to command: Command?, entry: Int?) -> Judgement {
        let reply = if case .reply(let reply) = answer { reply } else { self.lost("connection closed") }
        if let recovery = self.recoveryOfOpenTransaction(answer, entry: entry) {
            let because = "the transaction before was left open or failed, and the gateway sent no RSET (shape C)"
            self.recover(recovery, Cause(quirk: nil, finding: nil, sent: command?.text ?? "", reply: answer.words, because: because, entry: entry))
            return .repaired
        }
        guard !self.quirks.hooks.isDisjoint(with: answer.hooks),
            let (name, decision) = self.quirks.decide(on: answer, to: command, given: self.factsOfReply)
        else { return .pass(reply, disconnects: false) }
        switch decision {
        case .pass: return .pass(reply, disconnects: false)
        case .rewrite(let other, let because):
            self.transaction?.credit(name)
            self.log(.quirk(name: name, connection: self.link.number, did: "told \(other.line) for \(reply.line)", because: because))
            return .pass(other.isPositive && !reply.isPositive ? reply : other, disconnects: false)
        case .learn(let finding, _):
            self.note(.found(finding))
            return .pass(reply, disconnects: false)
        case .disconnect(let because):
            self.log(.quirk(name: name, connection: self.link.number, did: "used this connection no more", because: because))
            return .pass(reply, disconnects: true)
        case .recover(let recovery, let finding, let because):
            guard recovery == .reset || recovery == .reconnect, let transaction = self.transaction, !transaction.contentBegan, transaction.failed == nil, !transaction.tried.contains(recovery)
            else { return .pass(reply, disconnects: false) }
            self.recover(
                recovery,
                Cause(
                    quirk: name, finding: self.link.isUnclean ? nil : finding, sent: command?.text ?? "", reply: answer.words, because: because,
                    entry: entry))
            return .repaired
        }
    }

    /// What a quirk makes of an answer that comes between transactions: kept until the next `MAIL`.
    mutating func cause(_ answer: Answer, to command: Command?) -> Cause? {
        guard case (let name, .recover(.reconnect, let finding, let because))? = self.quirks.decide(on: answer, to: command, given: self.facts) else { return nil }
        return Cause(
            quirk: name, finding: self.link.isUnclean ? nil : finding, sent: command?.text ?? "", reply: answer.words, because: because, entry: 0)
    }

    /// Shape C: a 503 to `MAIL` is right where the transaction before was left open or failed. Nothing is learned from it.
    private func recoveryOfOpenTransaction(_ answer: Answer, entry: Int?) -> Recovery? {
        guard case .reply(let reply) = answer, [500, 501, 503].contains(reply.code), entry == 0, self.link.isUnclean, let transaction = self.transaction
        else { return nil }
        if !transaction.tried.contains(.reset), !self.link.mailFollowedReset { return .reset }
        return transaction.tried.contains(.reconnect) ? nil : .reconnect
    }

    private mutating func recover(_ recovery: Recovery, _ cause: Cause) {
        self.transaction?.tried.insert(recovery)
        if let name = cause.quirk { self.transaction?.credit(name) }
        if case .running = self.probe { self.probe = .denied }
        self.reopenEnvelope(at: cause.entry)
        if cause.entry == nil, cause.sent == Command.data.text { self.pending = .data }
        let began = self.repair?.began ?? self.now
        switch recovery {
        case .legacyTLS, .clearText: break
        case .reset where self.link.state == .ready:
            self.link.discardOwed()
            self.repair = Repair(stage: .absorbing, cause: cause, began: began)
            if self.link.owed.isEmpty { self.sendReset() }
        case .reset, .reconnect: self.reconnect(for: cause, began: began)
        }
    }

    /// What was not answered is to be sent again; a DATA among it waits until the envelope stands.
    private mutating func reopenEnvelope(at failed: Int?) {
        for owed in self.link.owed {
            switch owed.purpose {
            case .envelope(let place): self.transaction?.envelope[place].state = .unsent
            case .relay: self.pending = owed.command
            case .swallow, .precedent, .contentEnd, .chunk, .conversion, .reset, .authentication, .discard: break
            }
        }
        if let failed { self.transaction?.envelope[failed].state = .unsent }
    }

    mutating func discarded(_ reply: Reply) {
        guard case .absorbing = self.repair?.stage, let cause = self.repair?.cause, let began = self.repair?.began else { return }
        if reply.isIntermediate {
            // A 354 to a DATA that was overtaken: whatever is written now is content, in whose envelope nobody knows.
            self.abortRemote()
            return self.reconnect(for: cause.unproven, began: began)
        }
        if self.link.owed.isEmpty { self.sendReset() }
    }

    private mutating func sendReset() {
        self.repair?.stage = .resetting
        self.send(Command.rset, .reset)
    }

    mutating func resetAnswered(_ reply: Reply) {
        guard self.repair?.stage == .resetting else { return }
        guard reply.isPositive else { return self.resetFailed() }
        self.link.isUnclean = false
        self.replay()
    }

    /// The reset did not help: judged again, which leaves the other recovery, or 4xx.
    mutating func resetFailed() {
        guard let cause = self.repair?.cause else { return }
        guard let command = cause.entry.map({ self.transaction?.envelope[$0].command }) ?? .data else { return }
        let answer = Answer.reply(cause.refusal)
        guard case .repaired = self.judge(answer, to: command, entry: cause.entry) else {
            return self.giveUp(self.unrepaired("RSET was refused"), because: "RSET was refused")
        }
    }

    /// Ends this connection, if there is one, and makes another; then the envelope is sent again.
    mutating func reconnect(for cause: Cause?, began: NIODeadline? = nil) {
        if self.gateway.credentials?.isReplayable == false, self.link.number > 0 { return self.handBack(cause) }
        self.dueCause = nil
        if let name = cause?.quirk { self.transaction?.credit(name) }
        if cause != nil { self.transaction?.tried.insert(.reconnect) }
        self.repair = Repair(stage: .connecting, cause: cause, began: began ?? self.now)
        self.retire()
        self.linkFreed()
    }

    /// A session whose AUTH cannot be said again: the gateway has to reconnect by itself, and keeps the mail.
    private mutating func handBack(_ cause: Cause?) {
        if let cause { self.proved(cause) }
        let because = "AUTH \(self.gateway.credentials?.mechanism ?? "") cannot be said again on the new connection that is needed"
        self.log(.repair(.init(
            quirk: cause?.quirk ?? self.transaction?.quirks.first ?? "none", connection: self.link.number, sent: cause?.sent ?? "", reply: cause?.reply ?? "",
            action: "421", outcome: "handed back", because: because)))
        self.pending = nil
        self.tell(Reply(421, "4.7.0 \(self.helloName) closing: a new session is needed, please reconnect"))
        self.finish(because: because)
    }

    /// The connection before has ended: the one that a repair waits for can be made.
    mutating func linkFreed() {
        guard self.link.state == .none, self.repair?.stage == .connecting else { return }
        self.connect(isExtra: self.link.number > 0)
    }

    /// Sends the envelope, or the next of it: what was accepted or not yet answered, never refused recipients (law 5).
    mutating func replay() {
        guard let envelope = self.transaction?.envelope else { return }
        var next = if case .replaying(let next) = self.repair?.stage { next } else { 0 }
        let mailIsRefused = envelope[0].state == .refused
        while next < envelope.count, self.link.mayTakeMore {
            let entry = envelope[next]
            if entry.state != .refused {
                if mailIsRefused {
                    self.transaction?.envelope[next].state = .refused
                    if !entry.told {
                        self.transaction?.envelope[next].told = true
                        self.tell(self.unrepaired("MAIL was refused"))
                    }
                } else {
                    guard let command = self.adapted(entry.command) else {
                        return self.giveUp(self.cannotExpress(entry.command.text), because: "it lacks a keyword")
                    }
                    self.transaction?.envelope[next].state = .sent
                    self.send(command, .envelope(next), isAlone: next == 0 && self.link.mustSendMailAlone)
                }
            }
            next += 1
        }
        if next == 1, envelope.count == 1, let repair = self.repair, repair.cause == nil {
            // Nothing is sent again: the rest of the gateway's group may follow at once.
            return self.repair = nil
        }
        self.repair?.stage = .replaying(next: next)
        if next == envelope.count, self.link.owed.isEmpty { self.replayed() }
    }

    private mutating func replayed() {
        guard let repair = exchange(&self.repair, with: nil) else { return }
        guard let cause = repair.cause, self.transaction?.mail == .accepted else { return }
        if let place = cause.entry, self.transaction?.envelope[place].state != .accepted { return self.conclude(repair, outcome: "refused") }
        self.conclude(repair, outcome: "ok")
        if cause.entry == nil { self.transaction?.unproven = cause } else { self.proved(cause) }
    }

    /// The command that had failed was accepted now: what the repair found out is true.
    mutating func proved(_ cause: Cause) {
        guard let finding = cause.finding else { return }
        self.note(.found(finding))
        // What one success proves holds for the rest of this session, whatever the memory makes of it.
        guard finding.needed <= 1 else { return }
        self.profile.applied.removeAll { $0.setting.name == finding.quirk.name }
        self.profile.applied.append(.init(finding.quirk, origin: "found in this session"))
        self.quirks.update(self.catalogue, profile: self.profile)
    }

    mutating func conclude(_ repair: Repair, outcome: String) {
        guard let cause = repair.cause else { return }
        let action = self.transaction?.tried.contains(.reconnect) == true ? "reconnect" : "reset"
        self.log(
            .repair(
                .init(
                    quirk: cause.quirk ?? "none", connection: self.link.number, sent: cause.sent, reply: cause.reply, action: action, outcome: outcome,
                    because: cause.because)))
    }

    /// Law 5: a reply that the gateway has not heard is the remote's verdict, except 503 and refusals of the connection or its rate.
    func verdict(of reply: Reply) -> Reply {
        reply.code == 503 || reply.code == 421 || reply.speaksOfConnections ? self.unrepaired(reply.line) : reply
    }

    /// The repair did not work: all that waits hears a 4xx, and so does what is left of the transaction.
    mutating func giveUp(_ answer: Reply, because: String) {
        guard let repair = exchange(&self.repair, with: nil) else { return }
        if repair.cause != nil { self.conclude(repair, outcome: because) } else { self.log(.connectFailed(because: because, told: answer.line)) }
        if self.link.state == .ready { self.retire() }
        let untold = self.transaction?.envelope.indices.filter { self.transaction?.envelope[$0].told == false } ?? []
        let isAtBoundary = untold.first == 0
        if answer.code == 421, isAtBoundary {
            self.pending = nil
            self.tell(answer)
            return self.finish(because: because)
        }
        let answer = answer.code == 421 ? self.unrepaired(because) : answer
        for place in untold {
            self.transaction?.envelope[place].told = true
            self.transaction?.envelope[place].state = .refused
            self.tell(answer)
        }
        self.failTransaction(answer)
        self.transaction?.refusal = answer
        if isAtBoundary { self.transaction?.envelope[0].state = .refused }
    }
}

extension Cause {
    /// The same without the finding: another way of repair than the one it speaks of was taken.
    fileprivate var unproven: Cause {
        Cause(quirk: self.quirk, finding: nil, sent: self.sent, reply: self.reply, because: self.because, entry: self.entry)
    }

    fileprivate var refusal: Reply {
        Reply(Int(self.reply.prefix(3)) ?? 503, String(self.reply.dropFirst(4)))
    }
}

extension Answer {
    /// As it stands in evidence and log.
    var words: String {
        switch self {
        case .reply(let reply): reply.line
        case .closed: "(closed)"
        case .tlsFailed(let failure): failure.because
        }
    }
}

extension Reply {
    /// Whether it refuses the connection or its rate rather than the command.
    var speaksOfConnections: Bool {
        let text = self.text.lowercased()
        return ["connection", "connections", "rate limit", "too fast", "throttl"].contains { text.contains($0) } && self.code >= 400
    }
}
