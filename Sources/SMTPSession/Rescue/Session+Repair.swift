import NIOCore
import QuirkKit
import SMTPWire

/// Repairs: a diagnosis is assumed, and what failed is done again, on the same connection or on a new one (Session+Replay).
extension Session {
    mutating func repair(_ retry: Retry, for cause: Cause) {
        self.transaction?.tries(retry, cause.setting)
        self.refuteRepair(by: cause.answer)
        if let name = cause.quirk {
            self.transaction?.credit(name)
            self.assume(name, cause.diagnosis?.options ?? [:])
            self.replaceNullSender(because: cause)
        }
        self.endProbe()
        self.reopenEnvelope(at: cause.entry)
        if cause.entry == nil, case .data? = cause.command?.body { self.waiting = Waiting(.data) }
        let began = self.rescue?.began ?? self.now
        switch retry {
        case .none: break
        case .here where self.remote.connection.state == .ready:
            self.remote.connection.discardFlight()
            self.rescue = Rescue(stage: .absorbing, cause: cause, began: began)
            if self.remote.connection.flight.isEmpty { self.sayAgain() }
        case .here, .onNewConnection, .later: self.reconnect(for: cause, began: began)
        }
    }

    /// What the repair before took for granted did not help, where it ended in a like refusal. Else the host has both, and it still holds.
    private mutating func refuteRepair(by answer: Answer) {
        guard let cause = self.rescue?.cause, let failed = cause.quirk, cause.answer.isLike(answer) else { return }
        self.transaction?.quirks.removeAll { $0 == failed }
        self.withdraw(failed)
        self.bar(failed)
    }

    /// What was not answered is to be sent again; a DATA among it waits until the envelope stands.
    private mutating func reopenEnvelope(at failed: Int?) {
        for entry in self.remote.connection.flight {
            switch entry.purpose {
            case .envelope(let place): self.transaction?.envelope[place].state = .unsent
            case .relay: self.waiting = Waiting(entry.command)
            case .swallow, .precedent, .contentEnd, .chunk, .conversion, .reset, .authentication, .discard: break
            }
        }
        if let failed { self.transaction?.envelope[failed].state = .unsent }
    }

    mutating func discarded(_ reply: Reply) {
        guard case .absorbing = self.rescue?.stage, let cause = self.rescue?.cause, let began = self.rescue?.began else { return }
        if reply.isIntermediate {
            // A 354 to a DATA that was overtaken: whatever is written now is content, in whose envelope nobody knows.
            self.abortRemote()
            self.transaction?.tries(.onNewConnection, cause.setting)
            return self.reconnect(for: cause.excused, began: began)
        }
        if self.remote.connection.flight.isEmpty { self.sayAgain() }
    }

    /// The wire is empty. The command alone is said again where nothing else is in the way of it: a `MAIL` that is to be worded otherwise. Else the envelope, behind RSET.
    private mutating func sayAgain() {
        guard let cause = self.rescue?.cause else { return }
        if let quirk = cause.quirk, !self.remote.layers.resetsBeforeMail(quirk), cause.entry == 0 || self.isLastEntry(cause.entry) {
            self.rescue?.stage = .replaying(next: cause.entry ?? 0)
            return self.replay()
        }
        guard self.workarounds.sendsReset, let began = self.rescue?.began else {
            self.transaction?.tries(.onNewConnection, cause.setting)
            return self.reconnect(for: cause, began: self.rescue?.began)
        }
        self.rescue = Rescue(stage: .resetting, cause: cause, began: began)
        self.send(Command.rset, .reset)
    }

    private func isLastEntry(_ place: Int?) -> Bool { place.map { $0 + 1 == self.transaction?.envelope.count } ?? false }

    mutating func resetAnswered(_ reply: Reply) {
        guard self.rescue?.stage == .resetting else { return }
        guard reply.isPositive else { return self.resetFailed() }
        self.remote.connection.transactionLeftOpen = false
        self.transaction?.reopen()
        self.replay()
    }

    /// The reset did not help: judged again, which leaves a new connection, or 4xx.
    mutating func resetFailed() {
        guard let cause = self.rescue?.cause else { return }
        guard case .reply = cause.answer, case .repaired = self.judge(cause.answer, to: cause.command, entry: cause.entry) else {
            return self.giveUp(self.unrepaired("RSET was refused"), because: "RSET was refused")
        }
    }

    /// Ends this connection, if there is one, and makes another; then the envelope is sent again.
    mutating func reconnect(for cause: Cause?, began: NIODeadline? = nil) {
        if self.gateway.credentials?.isReplayable == false, self.remote.connection.number > 0 { return self.handBack(cause) }
        self.remote.dueCause = nil
        if let name = cause?.quirk { self.transaction?.credit(name) }
        self.transaction?.reopen()
        self.rescue = Rescue(stage: .connecting, cause: cause, began: began ?? self.now)
        self.retire()
        self.connectionFreed()
    }

    /// A session whose AUTH cannot be said again: the gateway has to reconnect by itself, and keeps the mail.
    private mutating func handBack(_ cause: Cause?) {
        if let cause { self.proved(cause) }
        let because = "AUTH \(self.gateway.credentials?.mechanism ?? "") cannot be said again on the new connection that is needed"
        self.log(
            .repair(
                .init(
                    quirk: cause?.quirk ?? self.transaction?.quirks.first ?? "none", connection: self.remote.connection.number,
                    sent: cause?.command?.text ?? "",
                    reply: cause?.answer.words ?? "", action: "421", outcome: "handed back", because: because)))
        self.waiting = nil
        self.rescue = nil
        self.tell(self.newSessionNeeded)
        self.finish(because: because)
    }

    /// The connection before has ended: the one that a repair waits for can be made.
    mutating func connectionFreed() {
        guard self.remote.connection.state == .none, self.rescue?.stage == .connecting else { return }
        self.connect(isExtra: self.remote.connection.number > 0)
    }
}

extension Cause {
    /// The same, but it teaches nothing: another way of repair than the one it speaks of was taken.
    fileprivate var excused: Cause {
        Cause(
            quirk: self.quirk, diagnosis: self.diagnosis, command: self.command, answer: self.answer, because: self.because, entry: self.entry,
            isExcused: true)
    }
}

extension Answer {
    /// Whether it says the same again: the same code, or the same kind of failure.
    fileprivate func isLike(_ other: Answer) -> Bool {
        guard case .reply(let one) = self, case .reply(let two) = other else { return self.kind == other.kind }
        return one.code == two.code
    }
}
