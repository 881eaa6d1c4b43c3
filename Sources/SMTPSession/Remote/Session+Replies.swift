import NIOCore
import QuirkKit
import SMTPWire

/// What the remote says: one reply for one command, in order (law 3).
extension Session {
    mutating func heard(_ reply: Reply) {
        switch self.remote.connection.state {
        case .none, .connecting, .securing, .retiring: return
        case .greeting where reply.isIntermediate, .hello where reply.isIntermediate:
            return self.remoteGone(.unexpected(reply.line))
        case .greeting where !self.remote.connection.flight.isEmpty: self.heardWhenSpokenTo(reply)
        case .greeting: self.greeted(reply)
        case .hello where self.isGreetingOverTLS(reply):
            self.remote.connection.greetedOverTLS = true
            self.log(.unsolicited(connection: self.remote.connection.number, reply: reply.line))
        case .hello: if let entry = self.remote.connection.dequeue(at: self.now) { self.helloAnswered(reply, to: entry.command) }
        case .startingTLS:
            _ = self.remote.connection.dequeue(at: self.now)
            self.remoteStartTLSAnswered(reply)
        case .authenticating:
            _ = self.remote.connection.dequeue(at: self.now)
            self.authenticatedAgain(reply)
        case .ready:
            guard let entry = self.remote.connection.flight.first else { return self.unsolicited(reply) }
            if exchange(&self.remote.saysTooMuch, with: false) { return self.groupAnsweredTooOften(reply) }
            if reply.code < 200 || (reply.isIntermediate && !entry.mayBeIntermediate) {
                return self.remoteGone(.unexpected(reply.line))
            }
            if case .chunk = self.gateway.phase, case .chunk = entry.purpose { return self.unsolicited(reply) }
            _ = self.remote.connection.dequeue(at: self.now)
            self.answered(entry, by: reply)
            self.noteGroup()
        }
        self.remote.connection.lastReply = self.now
        self.remote.connection.followsRefusal = reply.code >= 400
    }

    /// A host that greets anew between the handshake and its answer to our EHLO: that is skipped, once (law 3).
    private func isGreetingOverTLS(_ reply: Reply) -> Bool {
        reply.code == 220 && self.remote.connection.security != nil && self.remote.profile.tls.manner == .starttls
            && !self.remote.connection.greetedOverTLS
    }

    /// More replies have come than the group has commands, so which answers which nobody can tell: what is left of it hears 451 (law 3).
    private mutating func groupAnsweredTooOften(_ reply: Reply) {
        self.log(.unsolicited(connection: self.remote.connection.number, reply: reply.line))
        self.count(.unsolicited(reply))
        if self.rescue == nil { self.hungUp(because: "it said more than it was asked") } else { self.remoteGone(.spokeUnasked) }
    }

    /// A group was answered, each command in its turn.
    private mutating func noteGroup() {
        let flight = self.remote.connection.flight
        if flight.isEmpty, flight.group.answered > 1 { self.noteAbility(.pipelining) }
    }

    private mutating func answered(_ entry: Exchange, by reply: Reply) {
        switch entry.purpose {
        case .relay: self.relayed(reply, to: entry.command)
        case .envelope(let place): self.envelope(place, entry.command, answered: reply)
        case .swallow: self.swallowed(reply, to: entry.command)
        case .precedent: self.precedentAnswered(reply, to: entry.command)
        case .contentEnd: self.messageAnswered(reply)
        case .chunk(isLast: true):
            if reply.isPositive { self.noteAbility(.bdat) }
            self.messageAnswered(self.outOfTurn(reply, to: entry.command) ?? reply)
        case .chunk(isLast: false): self.chunkAnswered(self.outOfTurn(reply, to: entry.command) ?? reply)
        case .conversion: self.conversionAnswered(reply)
        case .reset: self.resetAnswered(reply)
        case .authentication: self.authenticationAnswered(reply)
        case .discard: self.discarded(reply)
        }
    }

    /// Bytes from a remote that owes nothing: an early reply to content, an idle 421 or a desynchronisation.
    private mutating func unsolicited(_ reply: Reply) {
        switch self.gateway.phase {
        case .data(.toRemote), .chunk:
            self.suspect(.reply(reply), behind: self.remote.connection.flight.first)
            let answer = reply.isPositive || reply.isIntermediate ? self.lost(self.early) : self.rewritten(reply, at: .end)
            self.log(.remoteLost(connection: self.remote.connection.number, because: "\(self.early): \(reply.line)", told: answer.line))
            self.abandonContent(answer: answer)
        case .holdingEnd:
            let answer = reply.isPositive || reply.isIntermediate ? self.lost(self.early) : self.rewritten(reply, at: .end)
            self.log(.remoteLost(connection: self.remote.connection.number, because: "\(self.early): \(reply.line)", told: answer.line))
            self.abandonEnd(answer: answer)
        case .data(.nowhere), .waiting, .opening, .commands, .startingTLS, .securing, .authenticating, .final, .relaying, .ending, .over:
            self.log(.unsolicited(connection: self.remote.connection.number, reply: reply.line))
            self.count(.unsolicited(reply))
            if self.isBetweenConvertedChunks {
                self.abandonConversion()
                return self.failTransaction(reply.isPositive || reply.isIntermediate ? self.lost(self.early) : self.rewritten(reply, at: .data))
            }
            self.out.append(.close(.remote))
            self.remote.connection.enter(.none, at: self.now)
            if self.transaction?.mail == .accepted, self.transaction?.failed == nil {
                self.failTransaction(self.lost("it spoke unasked: \(reply.line)"))
            }
        }
    }

    /// The reply to a `MAIL` or `RCPT`.
    private mutating func envelope(_ place: Int, _ sent: Command, answered reply: Reply) {
        guard let entry = self.transaction.flatMap({ $0.envelope.indices.contains(place) ? $0.envelope[place] : nil }) else { return }
        if reply.isPositive {
            self.transaction?.envelope[place].state = .accepted
            if place == 0 { self.mailAccepted(sent, reply) } else { self.remote.connection.recipients += 1 }
            if !entry.told { self.tell(self.rewritten(reply, at: place == 0 ? .mail : .rcpt), toEntry: place) }
        } else if entry.told {
            if case .repaired = self.judge(.reply(reply), to: sent, entry: place) { return }
            return self.giveUp(self.unrepaired("\(entry.command.verb) was accepted before, and is now refused: \(reply.line)"), because: reply.line)
        } else {
            switch self.judge(.reply(reply), to: sent, entry: place) {
            case .repaired: return
            case .pass(let final):
                self.noteFailure(on: place, now: final)
                let verdict = self.verdict(of: self.firstWord(on: place, now: final))
                let told = self.rewritten(verdict, at: place == 0 ? .mail : .rcpt)
                self.transaction?.envelope[place].state = .refused
                self.transaction?.refusal = told
                if place == 0, let repair = self.rescue { self.conclude(repair, outcome: verdict.line) }
                // What stands behind a MAIL that was refused for our doing hears the same (law 5).
                if place == 0, verdict != final { self.failTransaction(verdict) }
                self.tell(told, toEntry: place)
                if told.code == 421 || verdict.code == 421 { return self.lastWords(told, for: verdict) }
            }
        }
        if case .replaying = self.rescue?.stage { self.replay() }
    }

    /// After a 421 that went to the gateway: its session ends too.
    mutating func lastWords(_ reply: Reply) {
        if reply.code == 421 { self.finish(because: "the remote said \(reply.line)", by: .remote) }
    }

    /// The reply to a command that was sent on as it came.
    private mutating func relayed(_ reply: Reply, to command: Command) {
        switch command.body {
        case .data: self.dataAnswered(reply, to: command)
        case .rset: self.rsetAnswered(reply, to: command)
        case .starttls: self.startTLSAnswered(reply)
        case .ehlo, .helo, .mail, .rcpt, .bdat, .noop, .quit, .auth, .vrfy, .expn, .help, .other, .malformed:
            guard case .pass(let final) = self.judge(.reply(reply), to: command, entry: nil) else { return self.tell(self.answerInRepair(to: command)) }
            let told = self.rewritten(final, at: .any)
            self.tell(told)
            self.lastWords(told, for: final)
        }
    }

    /// What a command within a transaction hears that is not said again, since the envelope is on its way to another connection.
    private func answerInRepair(to command: Command) -> Reply {
        switch command.body {
        case .noop: self.ok
        case .vrfy, .expn: self.cannotVerify
        default: self.notNow
        }
    }

    /// RSET inside a transaction. A remote that refuses it is used no more, which is no reason for the gateway to hear of it.
    private mutating func rsetAnswered(_ reply: Reply, to command: Command) {
        if let transaction = self.transaction { self.conclude(transaction) }
        self.transaction = nil
        if reply.isPositive {
            self.remote.connection.transactionLeftOpen = false
            self.tell(self.rewritten(reply, at: .rset))
        } else {
            self.tell(self.ok)
            self.resetRefused(.reply(reply), to: command)
        }
    }

    /// The reply to a command that the gateway was answered already.
    private mutating func swallowed(_ reply: Reply, to command: Command) {
        guard case .rset = command.body else { return }
        if reply.isPositive {
            self.acquit(Observation(.reply(reply), to: command))
            self.remote.connection.transactionLeftOpen = false
            self.remote.connection.holdsTransaction = false
        } else if self.remote.connection.flight.isEmpty || reply.code == 421 {
            self.resetRefused(.reply(reply), to: command)
        }
    }

    /// A connection on which RSET failed is not trusted with another message (shape B; a limit may fire at RSET too, docs/quirks.md 2.2).
    mutating func resetRefused(_ answer: Answer, to command: Command) {
        if self.remote.connection.flight.isEmpty {
            self.remote.dueCause = self.cause(answer, to: command)
            // No reason for another connection is one for none (a limit per hour, say): to open one by ourselves would be evasion.
            if self.remote.dueCause == nil, case .reply(let reply) = answer, reply.code == 421, reply.isPolicy { self.remote.dueRefusal = reply }
            self.retire()
        } else {
            self.leftBehind(answer, at: command)
        }
    }

    private mutating func startTLSAnswered(_ reply: Reply) {
        self.gateway.phase = .commands
        let told = self.rewritten(reply, at: .starttls)
        self.tell(told)
        guard reply.isPositive else { return self.lastWords(told, for: reply) }
        self.log(.passthrough(because: "STARTTLS"))
        self.gateway.phase = .relaying
        self.out.append(.relay)
    }

    mutating func injected(_ side: Side) {
        if side == .remote, self.remote.connection.state == .startingTLS {
            return self.insecure(TLSFailure(.handshake, because: "it sent bytes behind its 220 to STARTTLS"))
        }
        self.log(.gatewayFault(because: side == .gateway ? "bytes behind STARTTLS" : "the remote sent bytes behind its 220 to STARTTLS"))
        self.tell(side == .gateway ? self.injection : self.noTLS)
        self.abortRemote()
        self.finish(because: "bytes behind STARTTLS")
    }
}

extension Exchange {
    fileprivate var mayBeIntermediate: Bool {
        switch self.purpose {
        case .conversion, .discard, .authentication: true
        case .relay: if case .data = self.command.body { true } else { false }
        case .envelope, .swallow, .precedent, .contentEnd, .chunk, .reset: false
        }
    }
}
