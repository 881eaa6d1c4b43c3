import NIOCore
import QuirkKit
import SMTPWire

/// The remote closes, times out or talks nonsense: at any point there is one right answer for each command that waits.
extension Session {
    mutating func remoteGone(_ fault: RemoteFault) {
        let before = self.remote.connection
        let (because, isClose) = (fault.because, fault.isClose)
        guard before.state != .none else { return }
        if case .relaying = self.gateway.phase {
            self.gateway.phase = .ending(because: "closed", by: .remote)
            return self.remote.connection.enter(.none, at: self.now)
        }
        let answer = self.answer(of: fault, before)
        self.out.append(isClose ? .close(.remote) : .abort(.remote))
        self.remote.connection.enter(.none, at: self.now)
        guard before.state != .retiring else { return self.connectionFreed() }
        switch before.state {
        // What was said unasked before STARTTLS is no failure of TLS (law 3).
        case .startingTLS where before.isDesynchronised: if self.waitingHello != nil { return self.firstHelloFailed(because) }
        case .startingTLS, .securing:
            let place = before.state == .securing ? "in the handshake" : "in the middle of STARTTLS"
            return self.insecure(TLSFailure(isClose ? .closed : .stalled, because: isClose ? "connection closed \(place)" : because))
        case .hello where self.waitingHello != nil, .greeting where self.waitingHello != nil:
            if isClose, before.state == .hello, let answer, self.rescueHello(answer, to: before.flight.first?.command) { return }
            if before.state == .hello, isClose, self.leavesTLS(.hello(before.helloRefusal?.code), because: "EHLO over TLS: \(because)") { return }
            self.refuteEstablishing(because)
            return before.number > 1 ? self.ladderRefused(because) : self.firstHelloFailed(because)
        case .none, .connecting, .greeting, .hello, .authenticating, .ready, .retiring: break
        }
        switch self.gateway.phase {
        case .waiting, .relaying, .ending, .over: break
        case .opening:
            self.log(.connectFailed(because: because, told: self.unreachable(because).line))
            self.tell(self.unreachable(because))
            self.finish(because: because, by: .remote)
        case .startingTLS:
            self.gateway.phase = .commands
            self.tell(self.noTLS)
        case .securing: break
        case .authenticating(_, let awaited):
            // Where the gateway owes an answer to a challenge, that is what is answered.
            guard awaited == .remote else { return }
            self.gateway.phase = .commands
            self.tell(self.notAuthenticated(because))
            self.authenticationFailed()
        case .data, .chunk:
            self.suspect(answer, behind: before.flight.first)
            self.log(.remoteLost(connection: before.number, because: because, told: self.lost(because).line))
            self.abandonContent(answer: self.lost(because))
        case .holdingEnd:
            self.log(.remoteLost(connection: before.number, because: because, told: self.lost(because).line))
            self.abandonEnd(answer: self.lost(because))
        case .final:
            self.suspect(answer, behind: before.flight.first)
            self.log(.remoteLost(connection: before.number, because: because, told: self.lost(because).line))
            self.gateway.phase = .commands
            self.tell(self.lost(because))
            self.endTransaction(self.lost(because))
        case .commands:
            if self.rescue != nil { self.goneInRepair(because) } else { self.gone(before, answer, because) }
        }
    }

    /// What quirks are told of it, where any of them wants to know.
    private func answer(of fault: RemoteFault, _ before: Connection) -> Answer? {
        guard let answer = fault.answer(after: .nanoseconds((self.now - before.lastReply).nanoseconds)) else { return nil }
        let moment = before.flight.first.map { Observation.Moment(of: $0.command) } ?? .idle
        return fault.isClose || self.isWatched(moment, answer.kind) ? answer : nil
    }

    /// The connection ends at a command that the gateway does not wait for; what was sent behind it is not answered any more.
    mutating func leftBehind(_ answer: Answer, at command: Command) {
        let before = self.remote.connection
        self.out.append(.close(.remote))
        self.remote.connection.enter(.none, at: self.now)
        let because = "it answered \(command.verb) with \(answer.words)"
        self.reopen(before.flight, isUnheard: true)
        if self.transaction != nil, self.transaction?.mail != .accepted, case .repaired = self.judge(answer, to: command, entry: 0) { return }
        self.log(.remoteLost(connection: before.number, because: because, told: self.lost(because).line))
        self.failFlight(before.flight, self.lost(because))
    }

    /// It has said that it closes: nothing is judged of that, and nothing done again.
    mutating func hungUp(because: String) {
        let flight = Array(self.remote.connection.flight)
        let refusal = self.transaction?.refusal
        let isMissed = flight.contains { $0.purpose.concernsGateway } || (self.transaction?.mail == .accepted && self.transaction?.failed == nil)
        if isMissed { self.log(.remoteLost(connection: self.remote.connection.number, because: because, told: self.lost(because).line)) }
        self.out.append(.close(.remote))
        self.remote.connection.enter(.none, at: self.now)
        self.failFlight(flight, self.lost(because))
        if let refusal, self.transaction?.mail == .refused { self.refuseTransaction(refusal) }
    }

    /// What came is no reply.
    mutating func garbled(_ fault: ReplyFault) {
        let because = RemoteFault.garbled(fault).because
        if case .startingTLS = self.remote.connection.state { return self.insecure(TLSFailure(.garbled, because: because)) }
        if case .hello = self.remote.connection.state, self.leavesTLS(.hello(nil), because: "EHLO over TLS: \(because)") { return }
        self.remoteGone(.garbled(fault))
    }

    private mutating func goneInRepair(_ because: String) {
        switch self.rescue?.stage {
        case nil: break
        case .absorbing, .resetting: self.resetFailed()
        case .pausing: break
        case .connecting:
            self.note(.extraRefused)
            self.giveUp(self.noExtraConnection(because), because: because)
        case .replaying where self.transaction?.wasReconnected == false: self.resetFailed()
        case .replaying: self.giveUp(self.lost(because), because: because)
        }
    }

    /// Gone between or within commands. A close may be shape E or the end of a limit; everything else, and what no quirk knows, is a 4xx.
    private mutating func gone(_ before: Connection, _ answer: Answer?, _ because: String) {
        let flight = before.flight.filter { $0.purpose != .discard }
        guard let first = flight.first else {
            if let answer, self.transaction == nil || self.transaction?.mail == .refused {
                self.remote.dueCause = self.cause(answer, to: nil)
            } else if self.transaction?.mail == .accepted, self.transaction?.failed == nil {
                if self.lapse(answer) { return }
                self.log(.remoteLost(connection: before.number, because: because, told: self.lost(because).line))
                self.failTransaction(self.lost(because))
            }
            return
        }
        if let answer {
            if self.mayBeSaidAgain(flight) {
                let place: Int? = if case .envelope(let place) = first.purpose { place } else { self.transaction?.mail == .accepted ? nil : 0 }
                self.reopen(flight)
                if case .repaired = self.judge(answer, to: first.command, entry: place) { return }
            } else if self.transaction == nil, !flight.contains(where: { $0.purpose.concernsGateway }) {
                self.remote.dueCause = self.cause(answer, to: first.command)
                return
            }
        }
        self.log(.remoteLost(connection: before.number, because: because, told: self.lost(because).line))
        self.failFlight(flight, self.lost(because))
    }

    /// Closed within an envelope, where a quirk knows better: what can be lost of it is nothing but time.
    private mutating func lapse(_ answer: Answer?) -> Bool {
        guard let answer, self.transaction?.contentBegan == false, let cause = self.cause(answer, to: nil, entry: nil) else { return false }
        self.transaction?.lapsed = cause
        return true
    }

    /// Whether this command of the gateway is one for which the envelope has to be said again first, since its connection was closed meanwhile.
    mutating func resumes(at command: Command) -> Bool {
        guard let cause = self.transaction?.lapsed, let hasRecipient = self.transaction?.hasRecipient else { return false }
        switch command.body {
        case .rcpt: break
        case .data, .bdat:
            guard hasRecipient else {
                self.failTransaction(self.lost("connection closed"))
                return false
            }
        case .ehlo, .helo, .mail, .rset, .quit, .starttls, .auth, .noop, .vrfy, .expn, .help, .other, .malformed: return false
        }
        self.transaction?.lapsed = nil
        self.waiting = Waiting(command)
        self.repair(.onNewConnection, for: cause)
        return true
    }

    /// Whether what was lost is of an envelope whose content has not begun: its `MAIL`, or the `RCPT`s and DATA behind one that was accepted.
    private func mayBeSaidAgain(_ flight: some Sequence<Exchange>) -> Bool {
        guard let transaction = self.transaction, !transaction.contentBegan else { return false }
        guard transaction.mail == .accepted else { return flight.contains { $0.purpose == .envelope(0) || $0.purpose == .precedent } }
        return flight.allSatisfy { entry in
            switch entry.purpose {
            case .envelope: true
            case .relay: entry.command.body == .data
            case .swallow, .precedent, .contentEnd, .chunk, .conversion, .reset, .authentication, .discard: false
            }
        }
    }

    /// What was on its way is to be sent again, if a repair comes of it.
    /// - Parameter isUnheard: the connection ended at a command before all of it.
    private mutating func reopen(_ flight: some Sequence<Exchange>, isUnheard: Bool = false) {
        for (index, entry) in flight.enumerated() {
            switch entry.purpose {
            case .envelope(let place):
                self.transaction?.envelope[place].state = .unsent
                // A MAIL behind the command at which the connection ended was never heard.
                if place == 0, isUnheard || index > 0 { self.remote.connection.mails -= 1 }
            case .precedent: self.transaction?.envelope[0].state = .unsent
            case .relay, .swallow, .contentEnd, .chunk, .conversion, .reset, .authentication, .discard: break
            }
        }
        if let relayed = flight.first(where: { $0.purpose == .relay }) { self.waiting = Waiting(relayed.command) }
    }

    /// One reply for each command that waits, in order (law 3).
    private mutating func failFlight(_ flight: some Sequence<Exchange>, _ answer: Reply) {
        if let waiting = self.waiting, flight.contains(where: { $0.purpose == .relay && $0.command == waiting.command }) { self.waiting = nil }
        for entry in flight {
            switch entry.purpose {
            case .envelope(let place):
                self.transaction?.envelope[place].state = .refused
                self.tell(answer, toEntry: place)
            case .precedent:
                self.transaction?.envelope[0].state = .refused
                self.transaction?.envelope[0].told = true
                self.tell(answer)
            case .relay:
                switch entry.command.body {
                case .rset:
                    self.tell(self.ok)
                    self.transaction = nil
                case .ehlo, .helo:
                    self.tell(self.unreachable("connection closed"))
                    return self.finish(because: "the remote closed before EHLO", by: .remote)
                default: self.tell(answer)
                }
            case .chunk: self.tell(answer)
            case .swallow, .contentEnd, .conversion, .reset, .authentication, .discard: break
            }
        }
        self.failTransaction(answer)
        self.transaction?.refusal = answer
        if flight.contains(where: { $0.purpose == .relay && $0.command.body == .data }) { self.notInvited() }
    }
}
