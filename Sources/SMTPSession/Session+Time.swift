public import NIOCore
import QuirkKit
import SMTPWire

/// Time-outs (mailshim.example.toml `[timeouts]`, RFC 5321 §4.5.3.2): one deadline a session, and what happens when it has come.
extension Session {
    /// When something is overdue; nil: never.
    @inline(__always)
    public var deadline: NIODeadline? {
        var earliest: NIODeadline?
        func consider(_ deadline: NIODeadline) { earliest = earliest.map { min($0, deadline) } ?? deadline }
        if let remote = self.remoteDeadline { consider(remote) }
        if let end = self.endOfSilence { consider(end) }
        if let repair = self.rescue { consider(repair.began + self.settings.timeouts.repair) }
        if let pause = self.pauseEnds { consider(pause) }
        if let gateway = self.gatewayDeadline { consider(gateway) }
        if let began = self.firstHello?.ownWorkBegan { consider(began + self.settings.timeouts.repair) }
        return earliest
    }

    @inline(__always)
    private var remoteDeadline: NIODeadline? {
        let timeouts = self.settings.timeouts
        switch self.remote.connection.state {
        case .none, .connecting: return nil
        case .greeting: return self.remote.connection.since + timeouts.greeting
        case .hello, .authenticating: return self.remote.connection.since + timeouts.command
        case .startingTLS, .securing: return self.remote.connection.since + timeouts.connect
        case .retiring: return self.remote.connection.since + timeouts.quit
        case .ready:
            guard let first = self.remote.connection.flight.first else { return nil }
            switch first.purpose {
            case .contentEnd, .chunk(isLast: true): return self.remote.connection.since + timeouts.done
            case .conversion: return self.remote.connection.since + timeouts.data
            case .relay where first.command.body == .data: return self.remote.connection.since + self.patience(timeouts.data)
            case .relay, .envelope, .swallow, .precedent, .chunk, .reset, .authentication, .discard:
                return self.remote.connection.since + self.patience(timeouts.command)
            }
        }
    }

    /// Where a group was answered in part, what is missing of it may never come, and a quirk knows what to do: it is waited for less long.
    private func patience(_ limit: TimeAmount) -> TimeAmount {
        let flight = self.remote.connection.flight
        guard flight.group.answered > 0, let first = flight.first, self.transaction?.contentBegan == false,
            let (_, diagnosis) = self.diagnosis(of: Observation(.timedOut, to: first.command)), diagnosis.retry != .none
        else { return limit }
        // Who was slow before may be slow again.
        return min(limit, max(Timeouts.group, .nanoseconds(2 * self.remote.connection.slowest.nanoseconds)))
    }

    @inline(__always)
    private var gatewayDeadline: NIODeadline? {
        switch self.gateway.phase {
        case .data, .chunk: self.gateway.lastHeard + self.settings.timeouts.content
        case .securing: self.gateway.lastHeard + self.settings.timeouts.connect
        case .authenticating(_, awaits: .gateway): self.gateway.lastHeard + self.settings.timeouts.idle
        case .commands where self.waiting == nil && self.rescue == nil && !self.remote.connection.flight.owesGateway:
            self.gateway.lastHeard + self.settings.timeouts.idle
        case .waiting, .opening, .commands, .startingTLS, .authenticating, .holdingEnd, .final, .relaying, .ending, .over: nil
        }
    }

    mutating func remoteFull() {
        guard let deadline = self.gatewayDeadline, deadline <= self.now, self.isSendingContent else { return }
        self.gateway.lastHeard = self.now
        self.remoteGone(.takesNoMore)
    }

    private var isSendingContent: Bool {
        switch self.gateway.phase {
        case .data(.toRemote): true
        case .chunk(let transfer): if case .toRemote = transfer.sending { true } else { false }
        case .data(.nowhere), .waiting, .opening, .commands, .startingTLS, .securing, .authenticating, .holdingEnd, .final, .relaying, .ending, .over:
            false
        }
    }

    mutating func tick() {
        if let deadline = self.remoteDeadline, deadline <= self.now {
            self.remoteGone(self.remote.connection.state == .retiring ? .lingers : .timedOut)
        }
        if let repair = self.rescue, repair.began + self.settings.timeouts.repair <= self.now {
            self.abortRemote()
            if let quirk = repair.cause?.quirk { self.bar(quirk) }
            self.giveUp(self.unrepaired("it took too long"), because: "took too long")
        }
        self.endPause()
        self.endSilence()
        if let began = self.firstHello?.ownWorkBegan, began + self.settings.timeouts.repair <= self.now { self.firstHelloFailed("it took too long") }
        guard let deadline = self.gatewayDeadline, deadline <= self.now else { return }
        switch self.gateway.phase {
        case .securing, .authenticating:
            if case .authenticating = self.gateway.phase { self.tell(self.idle) }
            self.finish(because: "idle", by: .gateway)
        case .data, .chunk:
            self.log(.gatewayFault(because: "mail data stalled"))
            self.abandonContent(answer: self.contentTimedOut)
            self.refuseTransaction(self.contentTimedOut)
            self.tell(self.contentTimedOut)
            self.finish(because: "mail data stalled", by: .gateway)
        case .commands:
            self.tell(self.idle)
            self.finish(because: "idle", by: .gateway)
        case .waiting, .opening, .startingTLS, .holdingEnd, .final, .relaying, .ending, .over: break
        }
    }
}
