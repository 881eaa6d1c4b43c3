import SMTPSession

/// Law 10: every repair is explained, and nothing secret is told.
extension World {
    func judgeLog() {
        self.judgeRepairs()
        self.judgeMessageLines()
        self.judgeSecrets()
    }

    private func judgeRepairs() {
        // A command of the envelope that was written more often than it was said was sent again.
        var written: [String: Int] = [:]
        for remote in self.remotes {
            for exchange in remote.watch.witness.exchanges where exchange.verb == "MAIL" { written[exchange.line.path ?? "", default: 0] += 1 }
        }
        var said: [String: Int] = [:]
        for exchange in self.gateway.witness.exchanges where exchange.verb == "MAIL" { said[exchange.line.path ?? "", default: 0] += 1 }
        let again = written.reduce(0) { $0 + max(0, $1.value - said[$1.key, default: 0]) }
        var repairs = 0
        for case .repair(let repair) in self.records {
            repairs += 1
            // What is known beforehand is handed back before anything was sent.
            let isUnsaid = repair.sent.isEmpty && repair.outcome == "handed back"
            if repair.because.isEmpty || repair.action.isEmpty || repair.outcome.isEmpty
                || (repair.reply.isEmpty && repair.quirk != "none" && !isUnsaid)
            {
                self.blame(10, "a repair is not explained: \(repair)")
            }
        }
        // Repairs of one transaction that follow one another, three at most (law 9), have one line: again here, behind RSET, on a new connection.
        if again > 3 * repairs { self.blame(10, "\(again) MAIL commands were sent again, and \(repairs) repairs are in the log") }
        if again > 0, repairs == 0 { self.blame(10, "a MAIL was sent again, and no repair is in the log") }
    }

    private func judgeMessageLines() {
        var lines: [Record.Message] = []
        for case .message(let message) in self.records { lines.append(message) }
        for remote in self.remotes {
            for message in remote.watch.witness.messages {
                guard let path = message.envelope.mail.path, let number = message.envelope.message else { continue }
                let isSame = { (line: Record.Message) in
                    line.from == path && line.connection == remote.host.number && line.recipients == message.envelope.accepted.count
                }
                guard let line = lines.first(where: isSame) else {
                    self.blame(10, "message \(number) went to #\(remote.host.number) to its end, and no line of the log says so")
                    continue
                }
                let said = self.gateway.witness.messages.first { $0.envelope.message == number }?.envelope
                if let said, !said.isChunked, Repaired(said.content, isWhole: true).isChanged != (line.repairs > 0), !path.isEmpty {
                    self.blame(10, "message \(number): \(line.repairs) repairs of line ends are in the log")
                }
                if let reply = message.reply, reply.isPositive, !line.reply.hasPrefix("2"), !path.isEmpty, !remote.host.isOutOfStep {
                    self.blame(10, "message \(number) was taken, and the log says \(line.reply)")
                }
            }
        }
    }

    private func judgeSecrets() {
        for record in self.records { self.lookForSecrets("\(record)") }
        for note in self.notes { self.lookForSecrets("\(note)") }
    }

    private func lookForSecrets(_ text: String) {
        if text.contains(Content.mark) { self.blame(10, "content is in the log: \(text)") }
        if text.contains(Content.secret) { self.blame(10, "a secret is in the log: \(text)") }
    }
}
