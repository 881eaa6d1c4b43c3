import NIOCore
import SMTPWire

/// How a session ends, and how a connection is let go.
extension Session {
    /// The gateway has heard its last words. The remote is closed politely behind its back.
    mutating func finish(because: String, by end: SessionEnd = .mailshim) {
        switch self.gateway.phase {
        case .ending, .over: return
        case .waiting, .opening, .commands, .startingTLS, .securing, .authenticating, .data, .chunk, .holdingEnd, .final, .relaying: break
        }
        if self.isBetweenConvertedChunks { self.abandonConversion() }
        // QUIT would be an answer to a challenge.
        if case .authenticating = self.gateway.phase { self.abortRemote() }
        self.concludeEstablishing(because)
        if let repair = exchange(&self.rescue, with: nil) { self.conclude(repair, outcome: because) }
        if let transaction = exchange(&self.transaction, with: nil) { self.conclude(transaction) }
        self.waiting = nil
        self.out.append(.close(.gateway))
        self.gateway.phase = .ending(because: because, by: end)
        self.retire()
    }

    /// A graceful stop has no more time. Whose final dot is unanswered hears a 4xx (law 2); in the middle of content nobody waits for a reply.
    mutating func endNow() {
        switch self.gateway.phase {
        case .waiting, .relaying, .ending, .over: return
        case .data, .chunk: self.abandonContent(answer: self.stopped)
        case .final:
            self.log(.remoteLost(connection: self.remote.connection.number, because: "no reply before the stop", told: self.stoppedUnanswered.line))
            self.abortRemote()
            self.tell(self.stoppedUnanswered)
            self.endTransaction(self.stoppedUnanswered)
        // Nothing of the end was written, and nothing is any more.
        case .holdingEnd: self.abandonEnd(answer: self.stopped)
        case .opening, .commands, .startingTLS, .authenticating: self.tell(self.stopped)
        case .securing: break
        }
        self.finish(because: "shutting down")
    }

    /// Says QUIT, where that cannot be taken for content, and lets the connection go.
    mutating func retire() {
        switch self.remote.connection.state {
        case .none, .retiring: break
        case .connecting, .greeting, .startingTLS, .securing, .authenticating: self.abortRemote()
        case .hello: self.quit()
        case .ready:
            guard !self.remote.connection.flight.contains(where: { $0.mayBecomeContent }) else { return self.abortRemote() }
            self.out.append(.send(ByteBuffer(bytes: Command.quit.bytes), to: .remote))
            self.remote.connection.enter(.retiring, at: self.now)
        }
    }

    mutating func drop(politely: Bool) {
        if politely, [.ready, .greeting, .hello].contains(self.remote.connection.state) { self.quit() } else { self.abortRemote() }
    }

    private mutating func quit() {
        self.out.append(.send(ByteBuffer(bytes: Command.quit.bytes), to: .remote))
        self.remote.connection.enter(.retiring, at: self.now)
    }

    mutating func endIfDone() {
        self.leaveIfDone()
        guard case .ending(let because, let end) = self.gateway.phase, self.remote.connection.state == .none else { return }
        self.noteReuse()
        self.gateway.phase = .over
        self.concludeOwnReplies()
        self.log(.ended(messages: self.journal.messages, connections: self.remote.connection.number, because: because, by: end))
    }

    private mutating func leaveIfDone() {
        switch self.gateway.phase {
        case .commands:
            guard self.waiting == nil || self.firstHello != nil, self.rescue == nil, !self.isAsking, !self.remote.connection.flight.owesGateway else {
                return
            }
            // An EHLO that it said before is answered, however far down the ladder that is.
            if self.gateway.presence != .speaking, self.firstHello == nil { return self.finish(because: "the gateway closed", by: .gateway) }
            guard self.gateway.mustClose, self.isBetweenMessages else { return }
            self.tell(self.stopped)
            self.finish(because: "shutting down")
        // It owes an answer to a challenge, and says no more.
        case .authenticating(_, awaits: .gateway) where self.gateway.presence != .speaking: self.finish(because: "the gateway closed", by: .gateway)
        case .opening where self.gateway.mustClose, .authenticating(_, awaits: .gateway) where self.gateway.mustClose:
            self.tell(self.stopped)
            self.finish(because: "shutting down")
        case .waiting, .opening, .startingTLS, .securing, .authenticating, .data, .chunk, .holdingEnd, .final, .relaying, .ending, .over: break
        }
    }

    /// Whether the gateway knows of no transaction (RFC 3207 §4.2, RFC 4954 §4).
    var isOutsideTransaction: Bool { self.transaction.map { $0.mail == .refused } ?? true }

    /// Whether no transaction is under way that could still succeed.
    var isBetweenMessages: Bool { self.transaction.map { $0.mail == .refused || $0.failed != nil } ?? true }

    /// Whether the shell was asked something that has to be answered first.
    @inline(__always)
    var isAsking: Bool { self.remote.isAsking || self.waiting?.reason == .domain }
}

extension Exchange {
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
