import NIOCore
import QuirkKit
import SMTPWire

/// `BDAT` (RFC 3030). Its octets are opaque (law 8), and wait for the replies to `MAIL` and `RCPT` even where the gateway pipelined them (law 4).
extension Session {
    mutating func bdat(_ command: Command, _ chunk: Chunk) {
        guard let answer = self.objection(to: chunk) else { return self.sendChunk(command, chunk) }
        self.beginChunk(chunk, .nowhere(answer: answer))
    }

    /// Why the octets of a chunk cannot go to the remote; they are read and dropped, since the gateway sends them in any case.
    private mutating func objection(to chunk: Chunk) -> Reply? {
        if let failed = self.transaction?.failed { return failed }
        guard let transaction = self.transaction, transaction.mail == .accepted else { return self.needMail }
        guard transaction.hasRecipient else { return self.noRecipients }
        guard self.remote.connection.state == .ready else { return self.notNow }
        guard transaction.chunks < Limits.chunks else { return self.tooManyChunks }
        // Without CHUNKING a host would read the octets as commands.
        guard self.remote.connection.offersChunking || self.gateway.shown?.contains("CHUNKING") == true else { return self.notImplemented }
        return nil
    }

    private mutating func sendChunk(_ command: Command, _ chunk: Chunk) {
        self.transaction?.chunks += 1
        // What was begun in chunks goes on in chunks.
        let isBegun = self.transaction?.contentBegan == true
        if self.remote.connection.offersChunking || isBegun, self.transaction?.converter == nil {
            self.transaction?.contentBegan = true
            self.send(command, .chunk(isLast: chunk.last), isAlone: true)
            self.beginChunk(chunk, .toRemote)
        } else if self.transaction?.converter != nil {
            self.beginChunk(chunk, .toRemote)
        } else {
            self.waiting = Waiting(command)
            self.noteConversion()
            self.send(Command.data, .conversion, isAlone: true)
        }
    }

    private mutating func beginChunk(_ chunk: Chunk, _ sending: Phase.Sending) {
        self.gateway.phase = .chunk(.init(octets: chunk.octets, remaining: chunk.octets, isLast: chunk.last, sending: sending))
        if chunk.octets == 0 { self.chunkEnded() }
    }

    /// Between two chunks that go as the mail data of one DATA: whatever were written to the remote now would be content.
    var isBetweenConvertedChunks: Bool {
        guard self.transaction?.converter != nil, self.remote.connection.state == .ready, case .commands = self.gateway.phase else { return false }
        return true
    }

    /// What the gateway says there besides `BDAT`. True: it is answered.
    mutating func stopsConversion(_ command: Command) -> Bool {
        switch command.body {
        case .bdat: return false
        case .ehlo, .helo, .mail, .rset, .quit:
            self.abandonConversion()
            return false
        case .noop:
            self.tell(self.ok)
            return true
        case .malformed: return false
        case .rcpt, .data, .starttls, .auth, .vrfy, .expn, .help, .other:
            self.tell(self.betweenChunks)
            if case .data = command.body { self.notInvited() }
            return true
        }
    }

    /// No end is written: the remote must not take what it has for a message.
    mutating func abandonConversion() {
        self.abortRemote()
        self.transaction?.converter = nil
        self.failTransaction(self.lost("the message was given up between two chunks"))
    }

    /// The reply to DATA that stands for a `BDAT`: now the chunk that waits is looked at again.
    mutating func conversionAnswered(_ reply: Reply) {
        if reply.isIntermediate {
            self.transaction?.converter = DotStuffer()
            self.beginFilters()
        } else {
            let answer = reply.isPositive ? self.lost("it answered DATA with \(reply.line)") : self.softened(reply)
            self.failTransaction(self.rewritten(answer, at: .data))
        }
    }

    mutating func octets(_ octets: ByteBuffer) {
        self.gateway.lastHeard = self.now
        guard case .chunk(var transfer) = self.gateway.phase else { return }
        transfer.remaining -= octets.readableBytes
        self.gateway.phase = .chunk(transfer)
        if case .toRemote = transfer.sending {
            if self.transaction?.converter == nil {
                self.write(octets)
            } else if let stuffed = self.transaction?.converter?.stuff(octets) {
                self.writeData(stuffed)
            } else {
                self.abandonContent(answer: self.cannotExpress("a bare CR, LF or NUL in BDAT content, for DATA"))
            }
        }
        if transfer.remaining <= 0 { self.chunkEnded() }
    }

    private mutating func chunkEnded() {
        guard case .chunk(let transfer) = self.gateway.phase else { return }
        self.gateway.phase = .commands
        switch transfer.sending {
        case .nowhere(let answer): self.chunkDropped(answer, isLast: transfer.isLast)
        case .toRemote where self.transaction?.converter != nil:
            guard transfer.isLast else { return self.tell(self.chunkTaken(transfer.octets)) }
            guard let rest = self.transaction?.converter?.end() else {
                self.abortRemote()
                return self.chunkDropped(self.cannotExpress("a bare CR at the end of BDAT content, for DATA"), isLast: true)
            }
            self.writeData(rest)
            self.gateway.phase = .chunk(transfer)
            self.writeEnd()
        case .toRemote:
            self.remote.connection.restartClock(at: self.now)
            if transfer.isLast { self.gateway.phase = .final }
        }
    }

    /// The end of a chunk that went nowhere, or not whole.
    private mutating func chunkDropped(_ answer: Reply, isLast: Bool) {
        self.tell(answer)
        // The remote was not told of a chunk that found no recipient: to it the transaction is still open (shape C).
        if isLast, self.transaction?.mail == .accepted, self.remote.connection.state == .ready { self.remote.connection.transactionLeftOpen = true }
        // Without it the message would be another (RFC 3030 §2: the transaction has failed).
        if self.transaction?.failed == nil {
            if isLast { self.endTransaction(answer) } else { self.failTransaction(answer.isTransient ? answer : self.chunkRefused) }
        }
        self.lastWords(answer)
    }

    /// What a quirk makes of a chunk's refusal: of a 503 because of the message before, or because chunks are not taken. Its octets have gone, so nothing can be
    /// repaired (law 2): the gateway hears a 4xx instead of a bounce. Nil: it hears the reply as it came.
    mutating func outOfTurn(_ reply: Reply, to command: Command) -> Reply? {
        guard reply.code >= 400 else { return nil }
        guard self.suspect(.reply(reply), at: command) else { return reply.isSequenceError ? self.verdict(of: reply) : nil }
        return reply.isTransient ? nil : self.unrepaired(reply.line)
    }

    /// The reply to a chunk that is not the last.
    mutating func chunkAnswered(_ reply: Reply) {
        let told = self.rewritten(reply, at: .data)
        self.tell(told)
        if !reply.isPositive {
            self.transaction?.refusal = told
            self.failTransaction(told.isTransient ? told : self.chunkRefused)
            self.remote.connection.transactionLeftOpen = true
        }
        self.lastWords(told, for: reply)
    }
}
