import NIOCore
import QuirkKit
import SMTPWire

/// Repairs: RSET on the same connection, or a new connection; then the envelope again (Session+Replay).
extension Session {
    mutating func recover(_ recovery: Recovery, _ cause: Cause) {
        self.transaction?.tried.insert(recovery)
        if let failed = self.repair?.cause?.quirk { self.transaction?.quirks.removeAll { $0 == failed } }
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
        self.log(
            .repair(
                .init(
                    quirk: cause?.quirk ?? self.transaction?.quirks.first ?? "none", connection: self.link.number, sent: cause?.sent ?? "",
                    reply: cause?.reply ?? "",
                    action: "421", outcome: "handed back", because: because)))
        self.pending = nil
        self.repair = nil
        self.tell(self.newSessionNeeded)
        self.finish(because: because)
    }

    /// The connection before has ended: the one that a repair waits for can be made.
    mutating func linkFreed() {
        guard self.link.state == .none, self.repair?.stage == .connecting else { return }
        self.connect(isExtra: self.link.number > 0)
    }
}

extension Cause {
    /// The same without the finding: another way of repair than the one it speaks of was taken.
    fileprivate var unproven: Cause {
        Cause(quirk: self.quirk, finding: nil, sent: self.sent, reply: self.reply, because: self.because, entry: self.entry)
    }

    fileprivate var refusal: Reply {
        Reply(Int(self.reply.prefix(3)) ?? 503, String(self.reply.dropFirst(4))).ofRemote
    }
}
