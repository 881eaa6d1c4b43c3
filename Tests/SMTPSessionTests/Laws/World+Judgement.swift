/// What can be judged only when a session is over: laws 2, 4, 6, 8, 9 and 10.
extension World {
    func judge() {
        self.judgeEnd()
        self.judgeMessages()
        self.judgeRefusedRecipients()
        self.judgeLog()
        if self.scenario.theme.isHealthy { self.judgeHealthy() }
    }

    // MARK: Laws 3 and 9: the end

    private func judgeEnd() {
        guard self.faults.isEmpty else { return }
        if !self.codec.session.isOver { self.blame(9, "both sides are gone, and the session is not over") }
        if let deadline = self.codec.deadline { self.blame(9, "the session is over, and has a deadline: \(deadline)") }
        let owed = self.gateway.witness.owed
        // Who closes behind DATA will not send what it is asked for.
        let isPointless = self.gateway.hasEnded && owed.count == 1 && owed.first?.verb == "DATA"
        if let first = owed.first, !self.gateway.isDismissed, !self.wasReset, !isPointless {
            self.blame(3, "\(first.shown) was never answered")
        }
        if self.gateway.isDismissed, !self.gateway.isClosed, !self.wasReset {
            self.blame(3, "the last words were said, and the gateway is not closed")
        }
    }

    // MARK: Laws 2, 4 and 8: what the remote was told

    private func judgeMessages() {
        var ends: [Int: Int] = [:]
        for remote in self.remotes {
            let witness = remote.watch.witness
            for message in witness.messages {
                guard let number = message.envelope.message else {
                    self.blame(4, "on #\(remote.host.number): a message of nobody's: \(message.envelope.mail.octets.shown)")
                    continue
                }
                ends[number, default: 0] += 1
                if ends[number, default: 0] > 1 { self.blame(2, "the end of message \(number) was written twice") }
                guard let said = self.gateway.witness.messages.first(where: { $0.envelope.message == number }), said.ended <= message.ended else {
                    self.blame(2, "on #\(remote.host.number): the end of message \(number) was written, and the gateway had not said it")
                    continue
                }
                self.compare(message.envelope, said.envelope, number, on: remote.host.number)
                self.compare(content: message.envelope, said.envelope, number, isWhole: true)
            }
            if let unfinished = witness.unfinished, let envelope = unfinished.envelope, let number = envelope.message {
                self.judge(unfinished.octets, envelope, number)
            }
        }
    }

    private func judge(_ octets: [UInt8], _ envelope: Witness.Envelope, _ number: Int) {
        guard !octets.isEmpty else { return }
        var begun = envelope
        begun.content = octets
        let witness = self.gateway.witness
        if let said = witness.messages.first(where: { $0.envelope.message == number }) {
            self.compare(content: begun, said.envelope, number, isWhole: false)
        } else if let unfinished = witness.unfinished, var said = unfinished.envelope, said.message == number {
            said.content = unfinished.octets
            self.compare(content: begun, said, number, isWhole: false, isSaidWhole: false)
        }
    }

    private func compare(_ written: Witness.Envelope, _ said: Witness.Envelope, _ number: Int, on connection: Int) {
        let (from, to) = (written.mail, said.mail)
        if from.path != to.path || !Self.mayStandFor(from.parameters, to.parameters) {
            self.blame(4, "message \(number) went on #\(connection) with \(from.octets.shown) for \(to.octets.shown)")
        }
        guard written.accepted.map(\.path) == said.accepted.map(\.path) else {
            return self.blame(
                4,
                "message \(number) went on #\(connection) to \(written.accepted.map(\.octets.shown)), and the gateway knows of \(said.accepted.map(\.octets.shown))"
            )
        }
        for (one, other) in zip(written.accepted, said.accepted) where one.parameters != other.parameters && !self.scenario.hasRandomQuirks {
            self.blame(4, "message \(number): \(one.octets.shown) for \(other.octets.shown)")
        }
    }

    /// On a connection that lacks the keyword, `SIZE` and `BODY=7BIT` are left out. (So does the random quirk, and with any `BODY`.)
    private static func mayStandFor(_ written: [String], _ said: [String]) -> Bool {
        let kept = said.filter { !$0.hasPrefix("SIZE") && !$0.hasPrefix("BODY") }
        return written.allSatisfy(said.contains) && kept.allSatisfy(written.contains)
    }

    private func compare(content written: Witness.Envelope, _ said: Witness.Envelope, _ number: Int, isWhole: Bool, isSaidWhole: Bool = true) {
        var expected: [UInt8]
        var octets = written.content
        if said.isChunked {
            expected = said.content
            if !written.isChunked {
                octets = octets.undotted
                if isWhole, expected.suffix(2) != [0x0D, 0x0A], !expected.isEmpty { expected += [0x0D, 0x0A] }
            }
        } else {
            expected = Repaired(said.content, isWhole: isSaidWhole).octets
        }
        let isRight = isWhole ? octets == expected : expected.starts(with: octets)
        guard !isRight else { return }
        let same = zip(octets, expected).prefix { $0 == $1 }.count
        self.blame(
            8,
            "message \(number) is not what the gateway said: from octet \(same) on \(Array(octets[same...]).shown) for \(Array(expected[same...]).shown)"
        )
    }

    // MARK: Law 5: no recipient that was refused is named again

    private func judgeRefusedRecipients() {
        var refused: [String: Int] = [:]
        for exchange in self.gateway.witness.exchanges where exchange.verb == "RCPT" {
            guard let reply = exchange.reply, reply.code >= 400, let path = exchange.line.path, exchange.line.message != 0 else { continue }
            refused[path] = reply.step
        }
        for remote in self.remotes {
            for exchange in remote.watch.witness.exchanges where exchange.verb == "RCPT" {
                guard let path = exchange.line.path, let step = refused[path], exchange.said > step else { continue }
                self.blame(5, "on #\(remote.host.number): \(exchange.line.octets.shown) although the gateway has heard that it is refused")
            }
        }
    }
}
