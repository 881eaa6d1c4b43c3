/// One connection to a host of the remote: it reads, understands and answers as its nature has it.
struct Host {
    enum Emission {
        /// Its octets, and what is left of them to be delivered.
        case reply(code: Int, text: String)
        case junk([UInt8])
        case end
        case reset
    }

    let number: Int
    let nature: HostNature
    private(set) var ear: Witness
    private(set) var isSilent = false
    private(set) var hasLeft = false
    /// What was sent is not in step with what was asked any more.
    private(set) var isOutOfStep = false
    private var said = 0
    private var hasSender = false
    private var recipients = 0
    private var taken = 0
    private var mails = 0
    private var isReset = true
    private(set) var isSecured = false
    private var auth = HostAuth()

    init(number: Int, nature: HostNature) {
        self.number = number
        self.nature = nature
        self.ear = Witness(takesChunks: nature.keywords.contains("CHUNKING"))
    }

    var hasToAnswer: Bool { !self.hasLeft && !self.isSilent && !self.ear.owed.isEmpty && !self.awaitsHandshake }

    /// TLS from the first byte: not a word before it.
    private var awaitsHandshake: Bool { self.nature.tls?.isImplicit == true && !self.isSecured }

    private var keywords: [String] {
        guard let tls = self.nature.tls else { return self.nature.keywords }
        if self.isSecured { return tls.keywords }
        return self.nature.keywords + (tls.isOffered ? ["STARTTLS"] : [])
    }

    /// The handshake stands.
    mutating func secured() {
        self.isSecured = true
        self.ear.secured(takesChunks: self.keywords.contains("CHUNKING"))
        (self.hasSender, self.recipients) = (false, 0)
    }

    mutating func read(_ octets: [UInt8], at step: Int, _ dice: inout Dice) -> [Emission] {
        guard !self.hasLeft else { return [] }
        self.ear.hear(octets, at: step)
        guard self.ear.isInContent, dice.permille(self.nature.answersEarly), !self.isSilent else { return [] }
        self.isOutOfStep = true
        let (code, text) = dice.pick([(552, "too large"), (250, "fine so far"), (421, "going down"), (354, "more")])
        let reply = self.emit(code, text)
        if code == 421 || dice.permille(400) { return self.leave([reply]) }
        self.isSilent = dice.permille(500)
        return [reply]
    }

    /// Says something that nothing was owed for.
    mutating func chatter(_ dice: inout Dice) -> [Emission] {
        guard self.ear.owed.isEmpty, dice.permille(self.nature.speaksUnasked), !self.hasLeft, !self.isSilent else { return [] }
        self.isOutOfStep = true
        let (code, text) = dice.pick([(421, "idle timeout"), (250, "by the way"), (421, "shutting down"), (550, "go away")])
        let reply = self.emit(code, text)
        return code == 421 ? self.leave([reply]) : [reply]
    }

    /// Answers what it has understood next.
    mutating func answer(at step: Int, _ dice: inout Dice) -> [Emission] {
        guard let exchange = self.ear.owed.first else { return [] }
        let stays = self.nature.isSteadfast
        if dice.permille(self.nature.closes), !stays { return self.leave([]) }
        if dice.permille(self.nature.resets), !stays {
            self.hasLeft = true
            return [.reset]
        }
        if dice.permille(self.nature.fallsSilent), !stays {
            self.isSilent = true
            return []
        }
        if dice.permille(self.nature.junk) {
            self.isOutOfStep = true
            return [
                .junk(
                    dice.pick(["25", "HELLO\r\n", "\r\n\r\n", "999999\r\n", "250-a\r\n", "2 0 ok\r\n", "\0\0\r\n", "250+x\r\n"].map { [UInt8]($0) }))
            ]
        }
        var (code, text, leaves) = self.verdict(on: exchange, &dice)
        if dice.permille(self.nature.oddReplies), exchange.kind != .greeting {
            (code, text) = dice.pick([(354, "go"), (250, "ok"), (199, "hm"), (334, "QQ=="), (600, "what"), (220, "hello")])
        }
        if exchange.verb == "STARTTLS", case .garbage? = self.nature.tls?.answer {
            self.isOutOfStep = true
            return [.junk([UInt8]("HELLO\r\n"))]
        }
        guard code > 0 else {
            if code == 0 { return self.leave([]) }
            self.isSilent = true
            return []
        }
        self.ear.hear(reply: code, text, at: step)
        self.remember(exchange, code)
        let reply = self.emit(code, text)
        if leaves || (code == 421 && dice.permille(800)) || exchange.verb == "QUIT" { return self.leave([reply]) }
        if exchange.kind == .greeting, case .chatters = self.nature.greeting {
            self.isOutOfStep = true
            return [reply, self.emit(220, "and again")]
        }
        if exchange.verb == "STARTTLS", code == 220, self.nature.tls?.injects == true {
            self.isOutOfStep = true
            return [reply, self.emit(250, dice.pick(["injected", "mx\(self.number).example.net\nCHUNKING"]))]
        }
        return [reply]
    }

    private mutating func leave(_ before: [Emission]) -> [Emission] {
        self.hasLeft = true
        return before + [.end]
    }

    /// With a mark by which the reply is known again: `#connection.number`.
    private mutating func emit(_ code: Int, _ text: String) -> Emission {
        self.said += 1
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        lines[0] += " #\(self.number).\(self.said)"
        return .reply(code: code, text: lines.joined(separator: "\n"))
    }
}

extension Host {
    /// What it says to a command, and whether it leaves then. Code 0: nothing, it just leaves. -1: nothing, ever.
    private mutating func verdict(on exchange: Witness.Exchange, _ dice: inout Dice) -> (code: Int, text: String, leaves: Bool) {
        if case .silence(let most, late: true) = self.nature.shape, self.taken >= most, exchange.verb != "QUIT" {
            return dice.permille(500) ? (0, "", true) : (421, "closing", true)
        }
        switch exchange.verb {
        case "greeting": return self.opening(self.nature.greeting, (220, "mx\(self.number).example.net ESMTP"))
        case "EHLO": return self.opening(self.nature.hello, (250, (["mx\(self.number).example.net"] + self.keywords).joined(separator: "\n")))
        case "HELO": return (250, "mx\(self.number).example.net", false)
        case "MAIL":
            if self.nature.refusesSize, exchange.line.parameters.contains(where: { $0.hasPrefix("SIZE") }) {
                return (555, "5.5.4 Unsupported option: SIZE=1000", false)
            }
            return self.verdictOnMail(&dice)
        case "RCPT":
            guard self.hasSender else { return (503, "MAIL first", false) }
            if let (most, code) = self.nature.mostRecipients, self.recipients >= most {
                return (code, "\(code / 100).5.3 too many recipients of one message", false)
            }
            let isFine = !dice.permille(self.nature.refusesRecipient)
            return isFine
                ? (dice.pick([250, 250, 250, 251]), "recipient ok", false) : self.refusal(["no such user", "full", "relaying denied"], &dice)
        case "DATA":
            if self.nature.tls?.tiresAtData == true, self.taken > 0 { return (503, "Sender already specified", false) }
            if dice.permille(self.nature.refusesData) { return self.refusal(["no", "later"], &dice) }
            guard self.hasSender, self.recipients > 0 else {
                return self.nature.invitesAnyone ? (354, "go on", false) : (dice.pick([503, 554]), "no recipients", false)
            }
            return (354, "go on", false)
        case "BDAT":
            guard exchange.kind == .chunk else { return (500, "what is BDAT", false) }
            guard self.hasSender, self.recipients > 0 else { return (503, "no transaction", false) }
            return exchange.line.chunk?.isLast == true
                ? self.verdictOnMessage(&dice) : dice.permille(self.nature.refusesMessage / 2) ? (552, "full", false) : (250, "chunk", false)
        case ".": return self.verdictOnMessage(&dice)
        case "RSET":
            guard case .noReuse(let code) = self.nature.shape, self.taken > 0, code != 250 else { return (250, "reset", false) }
            return (code, "no", code == 421)
        case "QUIT": return (221, "bye", true)
        case "STARTTLS": return self.verdictOnSTARTTLS
        case "AUTH", "response": return self.verdictOnAUTH(exchange, &dice)
        case "NOOP", "HELP", "VRFY", "EXPN", "XSECRET": return (250, "fine", false)
        default: return (500, "what", false)
        }
    }

    private func opening(_ opening: HostNature.Opening, _ fine: (Int, String)) -> (code: Int, text: String, leaves: Bool) {
        switch opening {
        case .fine, .chatters: (fine.0, fine.1, false)
        case .refuses(let code): (code, "no", code == 421)
        case .closes: (0, "", true)
        case .never: (-1, "", false)
        }
    }

    private var verdictOnSTARTTLS: (code: Int, text: String, leaves: Bool) {
        guard let tls = self.nature.tls, !self.isSecured else { return (503, "no", false) }
        switch tls.answer {
        case .ready, .garbage: return (220, "go ahead", false)
        case .refuses(let code): return (code, "TLS is not available", code == 421)
        case .closes: return (0, "", true)
        case .never: return (-1, "", false)
        }
    }

    private mutating func verdictOnAUTH(_ exchange: Witness.Exchange, _ dice: inout Dice) -> (code: Int, text: String, leaves: Bool) {
        guard let tls = self.nature.tls, self.keywords.contains(where: { $0.hasPrefix("AUTH") }) else { return (500, "what", false) }
        if let (code, text) = self.auth.hear(exchange) { return (code, text, false) }
        if dice.permille(tls.authAsksMore) { return (334, "bW9yZQ==", false) }
        guard dice.permille(tls.authRefuses) else { return (235, "welcome", false) }
        let code = dice.pick([535, 535, 454, 503, 421])
        return (code, "not you", code == 421)
    }

    private mutating func verdictOnMail(_ dice: inout Dice) -> (code: Int, text: String, leaves: Bool) {
        self.mails += 1
        switch self.nature.shape {
        case .sticky where self.taken > 0 && !self.isReset: return (503, "Sender already specified", false)
        case .noReuse where self.taken > 0: return (503, "Sender already specified", false)
        case .limit(let most, let code, let text) where self.mails > most: return (code, text, code == 421)
        case .healthy, .sticky, .noReuse, .limit, .silence: break
        }
        if self.hasSender { return (503, "nested MAIL", false) }
        return dice.permille(self.nature.refusesMail) ? self.refusal(["sender rejected", "not now"], &dice) : (250, "sender ok", false)
    }

    private func verdictOnMessage(_ dice: inout Dice) -> (code: Int, text: String, leaves: Bool) {
        if dice.permille(self.nature.refusesMessage) { return self.refusal(["content rejected", "disk full"], &dice) }
        if case .silence(let most, late: false) = self.nature.shape, self.taken + 1 >= most { return (250, "queued", true) }
        return (250, "queued", false)
    }

    private func refusal(_ texts: [String], _ dice: inout Dice) -> (code: Int, text: String, leaves: Bool) {
        (dice.pick([450, 451, 452, 550, 554]), dice.pick(texts), false)
    }

    private mutating func remember(_ exchange: Witness.Exchange, _ code: Int) {
        let isPositive = code / 100 == 2
        switch exchange.verb {
        case "MAIL" where isPositive: (self.hasSender, self.recipients, self.isReset) = (true, 0, false)
        case "MAIL": if case .sticky(mixes: true) = self.nature.shape, self.taken > 0 { (self.hasSender, self.recipients) = (true, 0) }
        case "RCPT" where isPositive: self.recipients += 1
        case "RSET" where isPositive: (self.hasSender, self.recipients, self.isReset) = (false, 0, true)
        case "EHLO", "HELO": (self.hasSender, self.recipients) = (false, 0)
        // Behind a chunk that was refused there is nothing to go on with (RFC 3030 §2).
        case ".", "BDAT":
            guard exchange.kind == .end || exchange.line.chunk?.isLast == true || !isPositive else { return }
            (self.hasSender, self.recipients) = (false, 0)
            if isPositive { self.taken += 1 }
        default: break
        }
    }
}
