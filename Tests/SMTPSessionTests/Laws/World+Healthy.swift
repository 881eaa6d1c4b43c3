/// Law 6: a healthy remote notices nothing, and a right gateway neither.
extension World {
    func judgeHealthy() {
        guard self.remotes.count == 1 else { return self.blame(6, "\(self.remotes.count) connections to a healthy remote") }
        let remote = self.remotes[0].watch.witness
        var said = Self.withoutRepeatedResets(self.lines(of: self.gateway.witness))
        var heard = Self.withoutRepeatedResets(self.lines(of: remote))
        // Who leaves without QUIT is replaced in that by Mailshim.
        if said.last != "QUIT", heard.last == "QUIT" { heard.removeLast() }
        if said.last == "QUIT", heard.last != "QUIT" { said.removeLast() }
        let same = zip(said, heard).prefix { $0 == $1 }.count
        if same < heard.count { self.blame(6, "the remote heard \(heard[same...].prefix(3)), and the gateway had said \(said[same...].prefix(3))") }
        if same < said.count, !self.wasReset { self.blame(6, "the remote never heard \(said[same...].prefix(3))") }
        self.judgeReplies(remote)
    }

    /// Commands as they were said, but for those that are answered here: `NOOP` outside of a transaction, and what cannot come to anything because
    /// `MAIL` or all `RCPT`s were refused (law 4; that the refusal is deserved is law 5).
    private func lines(of witness: Witness) -> [String] {
        var isOpen = false
        return witness.exchanges.compactMap { exchange in
            if self.isHopeless(exchange) { return nil }
            switch exchange.verb {
            case "EHLO" where self.scenario.theme.hasTLS:
                isOpen = false
                return nil
            case "MAIL": if exchange.reply?.isPositive == true { isOpen = true }
            case "RSET", ".", "EHLO": isOpen = false
            case "BDAT": if exchange.isEnd || exchange.reply?.isPositive == false { isOpen = false }
            case "greeting", "STARTTLS": return nil
            case "NOOP": return isOpen ? "NOOP" : nil
            default: break
            }
            return exchange.kind == .end ? "." : exchange.line.octets.shown
        }
    }

    /// RSETs in a row, of which the first is not answered yet, are one to the remote (law 9).
    private static func withoutRepeatedResets(_ lines: [String]) -> [String] {
        lines.indices.filter { $0 == 0 || lines[$0] != "RSET" || lines[$0 - 1] != "RSET" }.map { lines[$0] }
    }

    private func isHopeless(_ exchange: Witness.Exchange) -> Bool {
        guard let reply = exchange.reply, [503, 554].contains(reply.code), Mark.first(in: reply.text) == nil else { return false }
        return ["RCPT", "DATA", "BDAT"].contains(exchange.verb)
    }

    /// Replies pass as they came, but for those to EHLO (hidden keywords), and to RSET and QUIT, which are answered at once.
    private func judgeReplies(_ remote: Witness) {
        for exchange in self.gateway.witness.exchanges {
            guard let reply = exchange.reply, !["EHLO", "STARTTLS", "RSET", "QUIT", "NOOP"].contains(exchange.verb), reply.code != 421,
                !self.isHopeless(exchange)
            else { continue }
            let isSame = remote.exchanges.contains { $0.reply?.text == reply.text && $0.reply?.code == reply.code && exchange.isSame(as: $0) }
            if !isSame { self.blame(6, "the gateway heard \(reply.code) \(reply.text) for \(exchange.shown), which the remote did not say") }
        }
    }
}
