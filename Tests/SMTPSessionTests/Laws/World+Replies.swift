import NIOCore
import SMTPSession

/// What the gateway is told, against laws 1, 3 and 5, as soon as it is told.
extension World {
    func hear(_ code: Int, _ text: String) {
        if self.gateway.isDismissed { self.blame(3, "told the gateway \(code) \(text) after its last words") }
        let witness = self.gateway.witness
        guard let exchange = witness.owed.first else {
            if code != 421 { self.blame(3, "told the gateway \(code) \(text), and it had not said anything") }
            return self.gateway.isDismissed = true
        }
        if code / 100 == 3, exchange.verb != "DATA", exchange.verb != "AUTH", exchange.verb != "response" {
            self.blame(3, "told the gateway \(code) \(text) for \(exchange.verb)")
        }
        if self.scenario.hasRandomQuirks, text.contains(RandomQuirk.mark) {
            self.checkInvented(code, text, for: exchange)
        } else {
            let source = Mark.first(in: text).flatMap { self.sources[$0] }
            switch code / 100 {
            case 2, 3: self.checkPositive(code, text, for: exchange, from: source)
            case 5: self.checkPermanent(code, text, for: exchange, from: source)
            default: break
            }
        }
        switch exchange.verb {
        case "EHLO", "HELO":
            if let began = self.beganTLS, !self.hasShown, self.now > began + self.scenario.settings.timeouts.repair {
                self.blame(9, "TLS took too long behind EHLO")
            }
            if code / 100 == 2 { self.judgeShown(text, for: exchange.line) }
        case "STARTTLS": self.judgeSTARTTLS(code, isRemotes: Mark.first(in: text).flatMap { self.sources[$0] } != nil)
        default: break
        }
        if text.contains("a new session is needed") { self.tally[.handBacks, default: 0] += 1 }
        if text.contains("behind STARTTLS") { self.judgeInjection(exchange) }
        self.gateway.witness.hear(reply: code, text, at: self.step)
        let isBrokenChunk = exchange.kind == .line && exchange.verb == "BDAT"
        if code == 421 || exchange.verb == "QUIT" || isBrokenChunk || text.contains("behind STARTTLS") { self.gateway.isDismissed = true }
    }

    /// Law 7: nobody is told of an injection that he did not do.
    private func judgeInjection(_ exchange: Witness.Exchange) {
        self.tally[.gatewayInjections, default: 0] += 1
        let witness = self.gateway.witness
        if witness.owed.last?.verb != "STARTTLS" || witness.unread == 0 {
            self.blame(7, "told the gateway of an injection for \(exchange.shown), and it did none")
        }
    }

    /// A quirk may refuse in the remote's place; it may not accept.
    private func checkInvented(_ code: Int, _ text: String, for exchange: Witness.Exchange) {
        guard code / 100 < 4, ["MAIL", "RCPT", "DATA", "BDAT", "."].contains(exchange.verb) else { return }
        self.blame(1, "told the gateway \(code) \(text) for \(exchange.verb), which no remote ever said")
    }

    /// Law 1, and law 3: what is accepted was accepted by the remote, and it was this.
    private func checkPositive(_ code: Int, _ text: String, for exchange: Witness.Exchange, from source: ReplySource?) {
        guard let source else {
            let isOwn: Bool =
                switch exchange.verb {
                case "RSET", "NOOP", "QUIT", "EHLO", "HELO", "VRFY", "EXPN", "HELP", "STARTTLS": true
                case "greeting", "MAIL": self.scenario.isRouted
                case "BDAT": exchange.line.chunk?.isLast == false && self.remotes.last?.watch.witness.mode == .data
                default: false
                }
            if !isOwn { self.blame(1, "told the gateway \(code) \(text) for \(exchange.verb), which no remote ever said") }
            return
        }
        let isHello = ["EHLO", "HELO"].contains(exchange.verb)
        if source.code != code, !isHello {
            self.blame(1, "told the gateway \(code) for \(exchange.verb), and the remote had said \(source.code) \(source.text)")
        }
        guard let answered = source.exchange, exchange.isSame(as: answered) else {
            return self.blame(
                exchange.isEnd ? 1 : 3,
                "told the gateway \(code) \(text) for \(exchange.verb), which was said for \(source.exchange?.verb ?? "nothing")")
        }
        guard exchange.isEnd, !self.isAcknowledged(source) else { return }
        self.blame(1, "told the gateway \(code) \(text) for the end of its message, which is not the one the remote took")
    }

    /// Whether what the remote took is the message whose end the gateway has just said.
    private func isAcknowledged(_ source: ReplySource) -> Bool {
        guard let index = source.exchange?.message, let told = self.gateway.witness.owed.first?.message else { return false }
        let taken = self.remotes[source.remote].watch.witness.messages[index]
        return taken.ended <= self.step && taken.envelope.message == self.gateway.witness.messages[told].envelope.message
    }

    /// Law 5: a 5xx is the remote's word on this very command, or the gateway's own fault.
    private func checkPermanent(_ code: Int, _ text: String, for exchange: Witness.Exchange, from source: ReplySource?) {
        guard let source else {
            if !self.isOwnFault(exchange) { self.blame(5, "told the gateway \(code) \(text) for \(exchange.shown), which is right") }
            return
        }
        let isOfContent = source.isEarly && ["BDAT", "."].contains(exchange.verb)
        // A chunk whose DATA was refused, or between chunks of which it spoke unasked.
        let isOfConversion = source.exchange?.verb == "DATA" || source.exchange == nil
        let isOfChunk = ["BDAT", "RCPT", "DATA"].contains(exchange.verb) && self.gateway.witness.open != nil && isOfConversion
        // A rule may tell another refusal in place of one.
        let isRewritten = code == RandomQuirk.permanent && source.code >= 400
        guard isOfContent || isOfChunk || source.exchange.map(exchange.isSame) == true, source.code == code || isRewritten else {
            return self.blame(5, "told the gateway \(code) \(text) for \(exchange.shown), which was said for \(source.exchange?.shown ?? "nothing")")
        }
        let isNew = self.remotes[source.remote].host.number > 1 && source.mails <= 1 && ["MAIL", "RCPT"].contains(exchange.verb)
        if isNew, code == 503 || text.contains("connection") { self.blame(5, "told the gateway \(code) \(text) of an extra connection") }
    }

    var isAuthenticated: Bool { self.gateway.witness.exchanges.contains { ["AUTH", "response"].contains($0.verb) && $0.reply?.isPositive == true } }

    /// A chunk of its was refused, and it has not said RSET since (RFC 3030 §2).
    private var lacksReset: Bool {
        let exchanges = self.gateway.witness.exchanges
        guard let refused = exchanges.lastIndex(where: { $0.verb == "BDAT" && $0.reply?.isPositive == false }) else { return false }
        return !exchanges[refused...].contains { ["RSET", "EHLO", "HELO"].contains($0.verb) && $0.reply?.isPositive == true }
    }

    /// It has not said EHLO, or not since its TLS.
    private var lacksHello: Bool {
        let exchanges = self.gateway.witness.exchanges
        let start = exchanges.lastIndex { $0.verb == "STARTTLS" && $0.reply?.code == 220 } ?? 0
        return !exchanges[start...].contains { ["EHLO", "HELO"].contains($0.verb) && $0.reply?.isPositive == true }
    }

    /// Whether a reply of Mailshim's own is deserved.
    private func isOwnFault(_ exchange: Witness.Exchange) -> Bool {
        let open = self.gateway.witness.open
        switch exchange.verb {
        case "MAIL":
            let isWithoutReason = exchange.line.parameters.contains("REQUIRETLS") && !self.shown.names.contains("REQUIRETLS")
            return exchange.line.path == nil || exchange.line.fault != nil || isWithoutReason || self.lacksHello
        case "RCPT": return open == nil || open?.isChunked == true || exchange.line.path?.isEmpty != false || exchange.line.fault != nil
        case "DATA": return open?.accepted.isEmpty != false || open?.isChunked == true || exchange.line.octets.count > 4
        case "BDAT" where exchange.kind == .chunk: return open?.accepted.isEmpty != false
        case "." where exchange.kind == .end: return self.scenario.settings.lineEndings == .refuse
        case "EHLO", "HELO", "RSET", "NOOP", "QUIT": return exchange.line.fault != nil
        case "greeting": return false
        case "AUTH":
            let isOutOfPlace = open != nil || self.lacksReset || self.isAuthenticated || self.lacksHello
            return isOutOfPlace || !self.shown.mechanisms.contains(exchange.line.mechanism) || exchange.line.fault != nil
        case "response": return exchange.line.fault != nil || exchange.line.octets.count > 12000
        default: return true
        }
    }
}

extension World {
    func count(_ source: ReplySource) {
        guard let exchange = source.exchange, ["AUTH", "response"].contains(exchange.verb), source.code != 334 else { return }
        let isExtra = self.remotes[source.remote].host.number > 1 && self.hasShown && self.floor?.index != nil
        let isReplay = isExtra && self.gateway.witness.owed.first.map { !["AUTH", "response"].contains($0.verb) } ?? true
        self.tally[source.code / 100 != 2 ? .failedAuths : isReplay ? .replayedAuths : .auths, default: 0] += 1
    }
}

extension Witness.Exchange {
    /// Of a message, by dot or by chunk.
    var isEnd: Bool { self.kind == .end || (self.kind == .chunk && self.line.chunk?.isLast == true) }

    var shown: String { self.kind == .line ? self.line.octets.shown : self.verb }

    /// Whether a reply to the other, said by Mailshim to the remote, is a reply to this, said by the gateway.
    func isSame(as other: Witness.Exchange) -> Bool {
        switch self.verb {
        case "MAIL", "RCPT": self.verb == other.verb && self.line.path == other.line.path
        case "BDAT": self.isEnd ? other.isEnd : other.kind == .chunk && !other.isEnd
        case ".": other.isEnd
        case "EHLO", "HELO": ["EHLO", "HELO"].contains(other.verb)
        default: self.verb == other.verb
        }
    }
}

/// By which a host's reply is known again.
enum Mark {
    static func first(in text: String) -> String? {
        guard let hash = text.utf8.lastIndex(of: UInt8(ascii: "#")) else { return nil }
        let mark = text.utf8[text.utf8.index(after: hash)...].prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        return String(mark)
    }
}
