import NIOCore
import QuirkKit
import SMTPWire

/// Mail data after `DATA`: laws 1, 2, 4 and 8.
extension Session {
    mutating func dataAnswered(_ reply: Reply, to command: Command) {
        if reply.isIntermediate { return self.invited(reply) }
        guard !reply.isPositive else {
            let answer = self.lost("it answered DATA with \(reply.line)")
            self.log(.remoteLost(connection: self.remote.connection.number, because: "it answered DATA with \(reply.line)", told: answer.line))
            self.abortRemote()
            self.failTransaction(answer)
            self.refuseTransaction(answer)
            self.tell(answer)
            return self.notInvited()
        }
        guard case .pass(let passed) = self.judge(.reply(reply), to: command, entry: nil) else { return }
        // Where no recipient was accepted 503 is right.
        let failed = self.transaction?.failed
        let verdict = failed ?? (self.transaction?.mayCarryContent == true ? self.verdict(of: passed) : passed)
        let told = failed ?? self.rewritten(verdict, at: .data)
        self.transaction?.refusal = told
        self.tell(told)
        self.lastWords(told, for: verdict)
        self.notInvited()
    }

    /// 354. Where the envelope does not stand it is not passed on: whatever were written now would be content (law 4, Q-64).
    private mutating func invited(_ reply: Reply) {
        guard let transaction = self.transaction, transaction.mayCarryContent else {
            let answer = self.transaction?.mail == .accepted ? self.noRecipients : self.needMail
            self.log(.remoteLost(connection: self.remote.connection.number, because: "354 without a recipient accepted", told: answer.line))
            self.abortRemote()
            self.failTransaction(answer)
            self.tell(answer)
            return self.notInvited()
        }
        if let cause = transaction.unproven { self.proved(cause) }
        guard self.gateway.presence == .speaking else { return self.abandonContent(answer: self.lost("the gateway left")) }
        self.beginFilters()
        self.gateway.phase = .data(.toRemote)
        self.tell(self.rewritten(reply, at: .data))
    }

    mutating func content(_ piece: MailDataScanner.Piece) {
        self.gateway.lastHeard = self.now
        guard case .data(let sending) = self.gateway.phase else { return }
        switch sending {
        case .nowhere(let answer):
            if piece.isEnd { self.contentDropped(answer: answer) }
        case .toRemote:
            self.transaction?.lineEndRepairs += piece.repaired
            if self.settings.lineEndings == .refuse, !piece.faults.isEmpty {
                self.abandonContent(answer: self.lineEnds)
                if piece.isEnd { self.contentDropped(answer: self.lineEnds) }
                return
            }
            self.writeData(piece.content)
            if piece.isEnd { self.writeEnd() }
        }
    }

    /// In clear text to a host with `pix` the last line end so far is held back, since it belongs to the segment of the final dot.
    mutating func writeFiltered(_ content: ByteBuffer) {
        guard self.holdsEnd else { return self.write(content) }
        var content = content
        guard content.readableBytes > 0, let held = self.transaction?.heldEnd else { return }
        if held.readableBytes > 0 {
            var joined = held
            joined.writeBuffer(&content)
            content = joined
        }
        let end = content.readableBytesView.suffix(2)
        let isHeld = end.elementsEqual([0x0D, 0x0A]) ? 2 : end.last == 0x0D ? 1 : 0
        self.transaction?.heldEnd = ByteBuffer(bytes: end.suffix(isHeld))
        self.write(content.getSlice(at: content.readerIndex, length: content.readableBytes - isHeld) ?? content)
    }

    private var holdsEnd: Bool { self.workarounds.holdsFinalDot && self.remote.connection.security == nil }

    /// The end of the mail data: from here on the remote has the word.
    mutating func writeEnd() {
        self.endFilters()
        guard self.holdsEnd, var end = self.transaction?.heldEnd else {
            self.out.append(.send(Self.finalDot, to: .remote))
            return self.endWritten()
        }
        end.writeImmutableBuffer(Self.finalDot)
        if let name = self.remote.layers.quirk(behind: \.holdsFinalDot) {
            self.use(name)
            let did = "held the final dot back, to send it by itself"
            self.log(.quirk(name: name, connection: self.remote.connection.number, did: did, because: "known of this host"))
        }
        self.gateway.phase = .holdingEnd
        self.out.append(.sendWhenDrained(end, by: self.now + self.settings.timeouts.content))
    }

    mutating func endWritten() {
        switch self.gateway.phase {
        case .data, .chunk, .holdingEnd: break
        case .waiting, .opening, .commands, .startingTLS, .securing, .authenticating, .final, .relaying, .ending, .over: return
        }
        self.remote.connection.enqueue(Exchange(command: .data, purpose: .contentEnd, isAlone: true), at: self.now)
        self.gateway.phase = .final
    }

    /// The remote takes no more: nothing of the end was written, and nothing will be (law 2).
    mutating func endNotWritten() {
        guard case .holdingEnd = self.gateway.phase else { return }
        self.remoteGone(.takesNoMore)
    }

    /// The end is not written any more: the gateway, which has said its own, hears this.
    mutating func abandonEnd(answer: Reply) {
        self.abortRemote()
        self.contentDropped(answer: answer)
    }

    static let finalDot = ByteBuffer(string: ".\r\n")

    mutating func write(_ content: ByteBuffer) {
        guard content.readableBytes > 0 else { return }
        self.transaction?.contentBegan = true
        self.transaction?.notePace(at: self.now)
        self.transaction?.octets += content.readableBytes
        self.out.append(.send(content, to: .remote))
    }

    /// Stops in the middle of content: no end is ever written, and the gateway hears the answer at its own end (law 2, Q-72).
    mutating func abandonContent(answer: Reply) {
        self.abortRemote()
        switch self.gateway.phase {
        case .data: self.gateway.phase = .data(.nowhere(answer: answer))
        case .chunk(let transfer):
            self.gateway.phase = .chunk(
                .init(octets: transfer.octets, remaining: transfer.remaining, isLast: transfer.isLast, sending: .nowhere(answer: answer)))
        case .waiting, .opening, .commands, .startingTLS, .securing, .authenticating, .holdingEnd, .final, .relaying, .ending, .over: break
        }
    }

    mutating func abortRemote() {
        guard self.remote.connection.state != .none else { return }
        self.out.append(.abort(.remote))
        self.remote.connection.enter(.none, at: self.now)
    }

    /// The gateway's own end of content that went nowhere.
    mutating func contentDropped(answer: Reply) {
        self.gateway.phase = .commands
        self.tell(answer)
        self.endTransaction(answer)
        self.lastWords(answer)
    }

    /// The remote's word on the message, after its end: the only 2xx there is (law 1).
    mutating func messageAnswered(_ reply: Reply) {
        guard case .final = self.gateway.phase else { return }
        self.gateway.phase = .commands
        let answer = reply.isIntermediate ? self.lost("it answered the end of the mail data with \(reply.line)") : reply
        if answer.isPositive { self.messageTaken() } else { self.remote.connection.transactionLeftOpen = true }
        let told = self.rewritten(answer, at: .end)
        self.tell(told)
        self.endTransaction(told)
        self.lastWords(told, for: answer)
        if answer.isPositive { self.retireIfSpent() }
    }

    private mutating func messageTaken() {
        self.remote.connection.messages += 1
        if let cause = self.remote.suspicion, let name = cause.quirk, self.transaction?.quirks.contains(name) == true {
            self.remote.suspicion = nil
            self.proved(cause.confirmed)
        }
        guard self.remote.connection.messages > 1, let transaction = self.transaction, transaction.quirks.isEmpty, !transaction.wasRepaired else {
            return
        }
        self.remote.connection.reusedMails = self.remote.connection.mails
        if self.remote.connection.messages.nonzeroBitCount == 1 { self.noteReuse() }
    }

    /// A second message on one connection, with no quirk at work, is what re-use means. How far it went is noted as its messages double, and at its end.
    mutating func noteReuse() {
        guard self.remote.connection.reusedMails > self.remote.connection.notedMails else { return }
        self.remote.connection.notedMails = self.remote.connection.reusedMails
        self.note(.reused(mails: self.remote.connection.reusedMails))
    }

    mutating func endTransaction(_ reply: Reply) {
        self.transaction?.refusal = reply
        if let transaction = exchange(&self.transaction, with: nil) { self.conclude(transaction) }
    }
}
