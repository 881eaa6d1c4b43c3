public import NIOCore
import QuirkKit
import SMTPWire

/// Closes, time-outs, stops: how a session ends, or loses one side.
extension Session {
    /// The gateway has heard its last words. The remote is closed politely behind its back.
    mutating func finish(because: String) {
        switch self.phase {
        case .ending, .over: return
        case .waiting, .opening, .commands, .startingTLS, .securing, .authenticating, .data, .chunk, .final, .relaying: break
        }
        if self.isBetweenConvertedChunks { self.abandonConversion() }
        if let transaction = exchange(&self.transaction, with: nil) { self.conclude(transaction) }
        self.repair = nil
        self.pending = nil
        self.actions.append(.close(.gateway))
        self.phase = .ending(because: because)
        self.retire()
    }

    /// Says QUIT, where that cannot be taken for content, and lets the connection go.
    mutating func retire() {
        switch self.link.state {
        case .none, .retiring: break
        case .connecting, .greeting, .startingTLS, .securing, .authenticating: self.abortRemote()
        case .hello: self.quit()
        case .ready:
            guard !self.link.owed.contains(where: { $0.mayBecomeContent }) else { return self.abortRemote() }
            self.actions.append(.send(ByteBuffer(bytes: Command.quit.bytes), to: .remote))
            self.link.enter(.retiring, at: self.now)
        }
    }

    mutating func drop(politely: Bool) { if politely, [.ready, .greeting, .hello].contains(self.link.state) { self.quit() } else { self.abortRemote() } }

    private mutating func quit() {
        self.actions.append(.send(ByteBuffer(bytes: Command.quit.bytes), to: .remote))
        self.link.enter(.retiring, at: self.now)
    }

    mutating func endIfDone() {
        switch self.phase {
        case .commands:
            guard self.pending == nil, self.repair == nil, !self.isAsking, !self.link.owesGateway else { return }
            if self.gateway.presence != .speaking { return self.finish(because: "the gateway closed") }
            guard self.isStopping, self.isBetweenMessages else { return }
            self.tell(self.stopped)
            self.finish(because: "shutting down")
        case .opening where self.isStopping:
            self.tell(self.stopped)
            self.finish(because: "shutting down")
        case .ending(let because):
            guard self.link.state == .none else { return }
            self.phase = .over
            self.log(.ended(messages: self.messages, connections: self.link.number, because: because))
        case .waiting, .opening, .startingTLS, .securing, .authenticating, .data, .chunk, .final, .relaying, .over: break
        }
    }

    /// Whether no transaction is under way that could still succeed.
    var isBetweenMessages: Bool { self.transaction.map { $0.mail == .refused || $0.failed != nil } ?? true }

    var isAsking: Bool {
        if case .asking = self.probe { return true }
        return self.route == .asking || self.lookingUp != nil
    }

    // MARK: The gateway leaves

    mutating func gatewayEnded() {
        guard self.gateway.presence == .speaking else { return }
        self.gateway.presence = .listening
        self.leaveContent()
    }

    mutating func gatewayClosed() {
        self.gateway.presence = .gone
        switch self.phase {
        case .relaying:
            self.phase = .ending(because: "closed")
            self.link.enter(.none, at: self.now)
        case .final, .ending, .over: break
        case .waiting, .opening, .commands, .startingTLS, .securing, .authenticating: self.finish(because: "the gateway closed")
        case .data, .chunk: self.leaveContent()
        }
    }

    /// Law 2: the gateway left before its own end of data, so no end is written to the remote.
    private mutating func leaveContent() {
        switch self.phase {
        case .data, .chunk:
            self.log(.gatewayFault(because: "it left in the middle of its mail data"))
            self.abandonContent(answer: self.lost("the gateway left"))
            self.refuseTransaction(self.lost("the gateway left in the middle of its mail data"))
            if let transaction = exchange(&self.transaction, with: nil) { self.conclude(transaction, told: false) }
            self.finish(because: "the gateway left in the middle of its mail data")
        case .waiting, .opening, .commands, .startingTLS, .securing, .authenticating, .final, .relaying, .ending, .over: break
        }
    }

    // MARK: The remote leaves

    /// - Parameter isClose: it closed, which may be a quirk's doing; else it timed out or talked nonsense, which teaches nothing.
    mutating func remoteGone(_ because: String, isClose: Bool) {
        let before = self.link
        guard before.state != .none else { return }
        if case .relaying = self.phase {
            self.phase = .ending(because: "closed")
            return self.link.enter(.none, at: self.now)
        }
        self.actions.append(isClose ? .close(.remote) : .abort(.remote))
        self.link.enter(.none, at: self.now)
        guard before.state != .retiring else { return self.linkFreed() }
        switch before.state {
        case .startingTLS, .securing: return self.insecure(TLSFailure(isClose ? .closed : .stalled, because: isClose ? "connection closed in the middle of STARTTLS" : because))
        case .hello where self.isFirstHello, .greeting where self.gateway.waitingHello != nil: return self.firstHelloFailed(because)
        case .none, .connecting, .greeting, .hello, .authenticating, .ready, .retiring: break
        }
        switch self.phase {
        case .waiting, .relaying, .ending, .over: break
        case .opening:
            self.log(.connectFailed(because: because, told: self.unreachable(because).line))
            self.tell(self.unreachable(because))
            self.finish(because: because)
        case .startingTLS:
            self.phase = .commands
            self.tell(self.noTLS)
        case .securing: break
        case .authenticating(_, let awaited):
            guard awaited == .remote else { return }
            self.phase = .commands
            self.tell(Reply(454, "4.7.0 \(self.remoteName) is gone: \(because)"))
        case .data, .chunk:
            self.log(.remoteLost(connection: before.number, because: because, told: self.lost(because).line))
            self.abandonContent(answer: self.lost(because))
        case .final:
            self.log(.remoteLost(connection: before.number, because: because, told: self.lost(because).line))
            self.phase = .commands
            self.tell(self.lost(because))
            self.endTransaction(self.lost(because))
        case .commands:
            let delay: Duration = .nanoseconds((self.now - before.lastReply).nanoseconds)
            if self.repair != nil { self.goneInRepair(because) } else { self.gone(before, isClose ? .closed(after: delay) : nil, because) }
        }
    }

    private mutating func goneInRepair(_ because: String) {
        switch self.repair?.stage {
        case nil: break
        case .absorbing, .resetting: self.resetFailed()
        case .connecting:
            self.note(.extraRefused)
            self.giveUp(self.noExtraConnection(because), because: because)
        case .replaying where self.transaction?.tried == [.reset]: self.resetFailed()
        case .replaying: self.giveUp(self.lost(because), because: because)
        }
    }

    /// Gone between or within commands. A close may be shape E or the end of a limit; everything else, and what no quirk knows, is a 4xx.
    private mutating func gone(_ before: Link, _ answer: Answer?, _ because: String) {
        let owed = before.owed.filter { $0.purpose != .discard }
        guard let first = owed.first else {
            if self.transaction?.mail == .accepted { self.failTransaction(self.transaction?.failed ?? self.lost(because)) }
            if let answer, self.transaction == nil || self.transaction?.mail == .refused { self.dueCause = self.cause(answer, to: nil) }
            return
        }
        let place: Int? = if case .envelope(let place) = first.purpose { place } else { nil }
        if let answer {
            if let mail = self.transaction, mail.mail != .accepted, owed.contains(where: { $0.purpose == .envelope(0) || $0.purpose == .precedent }) {
                self.reopen(owed)
                if case .repaired = self.judge(answer, to: first.command, entry: place ?? 0) { return }
            } else if self.transaction == nil, !owed.contains(where: { $0.purpose.concernsGateway }) {
                self.dueCause = self.cause(answer, to: first.command)
                return
            }
        }
        self.log(.remoteLost(connection: before.number, because: because, told: self.lost(because).line))
        self.failOwed(owed, self.lost(because))
    }

    /// What was on its way is to be sent again, if a repair comes of it.
    private mutating func reopen(_ owed: some Sequence<Owed>) {
        for entry in owed {
            switch entry.purpose {
            case .envelope(let place): self.transaction?.envelope[place].state = .unsent
            case .precedent: self.transaction?.envelope[0].state = .unsent
            case .relay, .swallow, .contentEnd, .chunk, .conversion, .reset, .authentication, .discard: break
            }
        }
        if let relayed = owed.first(where: { $0.purpose == .relay }) { self.pending = relayed.command }
    }

    /// One reply for each command that waits, in order (law 3).
    private mutating func failOwed(_ owed: some Sequence<Owed>, _ answer: Reply) {
        self.pending = self.pending.flatMap { pending in owed.contains { $0.purpose == .relay && $0.command == pending } ? nil : pending }
        for entry in owed {
            switch entry.purpose {
            case .envelope(let place):
                self.transaction?.envelope[place].state = .refused
                self.transaction?.envelope[place].told = true
                self.tell(answer)
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
                    return self.finish(because: "the remote closed before EHLO")
                default: self.tell(answer)
                }
            case .chunk: self.tell(answer)
            case .swallow, .contentEnd, .conversion, .reset, .authentication, .discard: break
            }
        }
        self.failTransaction(answer)
        self.transaction?.refusal = answer
    }

    mutating func giveWay() {
        guard case .commands = self.phase, self.gateway.hello != nil, self.isBetweenMessages, self.pending == nil, self.repair == nil, self.link.state == .ready,
            self.link.owed.isEmpty
        else { return }
        self.retire()
    }

    // MARK: Time

    /// When something is overdue; nil: never.
    public var deadline: NIODeadline? {
        var earliest: NIODeadline?
        func consider(_ deadline: NIODeadline) { earliest = earliest.map { min($0, deadline) } ?? deadline }
        if let remote = self.remoteDeadline { consider(remote) }
        if let repair = self.repair { consider(repair.began + self.settings.timeouts.repair) }
        if let gateway = self.gatewayDeadline { consider(gateway) }
        if let began = self.ownWorkBegan { consider(began + self.settings.timeouts.repair) }
        return earliest
    }

    private var remoteDeadline: NIODeadline? {
        let timeouts = self.settings.timeouts
        switch self.link.state {
        case .none, .connecting: return nil
        case .greeting: return self.link.since + timeouts.greeting
        case .hello, .startingTLS, .authenticating: return self.link.since + timeouts.command
        case .securing: return self.link.since + timeouts.connect
        case .retiring: return self.link.since + timeouts.quit
        case .ready:
            guard let first = self.link.owed.first else { return nil }
            switch first.purpose {
            case .contentEnd, .chunk(isLast: true): return self.link.since + timeouts.done
            case .conversion: return self.link.since + timeouts.data
            case .relay where first.command.body == .data: return self.link.since + timeouts.data
            case .relay, .envelope, .swallow, .precedent, .chunk, .reset, .authentication, .discard: return self.link.since + timeouts.command
            }
        }
    }

    private var gatewayDeadline: NIODeadline? {
        switch self.phase {
        case .data, .chunk: self.gateway.lastHeard + self.settings.timeouts.content
        case .securing: self.gateway.lastHeard + self.settings.timeouts.connect
        case .authenticating(_, awaits: .gateway): self.gateway.lastHeard + self.settings.timeouts.idle
        case .commands where self.pending == nil && self.repair == nil && !self.link.owesGateway: self.gateway.lastHeard + self.settings.timeouts.idle
        case .waiting, .opening, .commands, .startingTLS, .authenticating, .final, .relaying, .ending, .over: nil
        }
    }

    mutating func tick() {
        if let deadline = self.remoteDeadline, deadline <= self.now {
            self.remoteGone("no reply in time", isClose: self.link.state == .retiring)
        }
        if let repair = self.repair, repair.began + self.settings.timeouts.repair <= self.now {
            self.abortRemote()
            self.giveUp(self.unrepaired("it took too long"), because: "took too long")
        }
        if let began = self.ownWorkBegan, began + self.settings.timeouts.repair <= self.now { self.firstHelloFailed("it took too long") }
        guard let deadline = self.gatewayDeadline, deadline <= self.now else { return }
        switch self.phase {
        case .securing, .authenticating:
            if case .authenticating = self.phase { self.tell(self.idle) }
            self.finish(because: "idle")
        case .data, .chunk:
            self.log(.gatewayFault(because: "mail data stalled"))
            self.abandonContent(answer: self.contentTimedOut)
            self.refuseTransaction(self.contentTimedOut)
            self.tell(self.contentTimedOut)
            self.finish(because: "mail data stalled")
        case .commands:
            self.tell(self.idle)
            self.finish(because: "idle")
        case .waiting, .opening, .startingTLS, .final, .relaying, .ending, .over: break
        }
    }
}

extension Owed {
    /// DATA, or content: what is written behind it would be content.
    fileprivate var mayBecomeContent: Bool {
        switch self.purpose {
        case .conversion, .contentEnd, .chunk: true
        case .relay: self.command.body == .data
        case .discard: self.command.body == .data
        case .envelope, .swallow, .precedent, .authentication, .reset: false
        }
    }
}
