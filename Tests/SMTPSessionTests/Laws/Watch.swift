import SMTPSession

/// Watches what Mailshim writes on one connection to the remote, at Mailshim's end of the wire: replies count from when they arrived there.
struct Watch {
    private(set) var witness: Witness
    private(set) var faults: [Fault] = []
    /// What the latest EHLO reply offers, over TLS where there is TLS.
    private(set) var offer = KeywordList()
    private(set) var tls = LegTLS.clear
    /// A hello was accepted: in clear text, and as things are now.
    private var wasGreetedInClear = false
    private(set) var hello: SpokenLine?
    /// Octets came although nothing was owed: this connection is to be used no more (law 3).
    private(set) var spokeUnasked: Int?
    /// Messages it took.
    private(set) var taken = 0
    /// A `MAIL` was accepted after one of them.
    private var isReused = false
    /// The `MAIL` that has to go alone, by its place among the exchanges.
    private var lone: Int?
    private var checked = 1
    private var complained = false

    private static let quit = [UInt8]("QUIT\r\n")

    init() { self.witness = Witness(takesChunks: true) }

    var keywords: Set<String> { self.offer.names }
    /// It said more than 220 to STARTTLS, in clear text.
    var isInjected: Bool { self.spokeUnasked != nil && self.witness.mode == .over && self.tls == .clear }
    var security: Security? { if case .stands(let security) = self.tls { security } else { nil } }

    mutating func write(_ octets: [UInt8], at step: Int) {
        if self.spokeUnasked != nil, octets != Self.quit { self.complain(3, "wrote \(octets.shown) after the remote had spoken unasked") }
        if let lone, lone >= self.witness.answered, octets != Self.quit {
            self.complain(4, "wrote \(octets.shown) behind a MAIL that has to go alone")
        }
        self.checkTLS(octets)
        self.witness.hear(octets, at: step)
        if self.witness.isStalled, self.witness.unread > 0 {
            self.complain(4, "wrote \(octets.shown) behind \(self.witness.exchanges.last?.verb ?? "")")
        }
        for index in self.checked..<self.witness.exchanges.count { self.check(index) }
        self.checked = self.witness.exchanges.count
        if self.witness.isInContent, !(self.witness.unfinished?.octets.isEmpty ?? true) || self.witness.mode != .data { self.checkContent() }
    }

    private mutating func check(_ index: Int) {
        let exchange = self.witness.exchanges[index]
        switch exchange.kind {
        case .greeting, .response: return
        case .tooLong: return self.complain(8, "wrote a line that is too long")
        case .chunk, .end:
            // The end was written in the same piece as all that it ends.
            let envelope = exchange.message.map { self.witness.messages[$0].envelope } ?? self.witness.open
            if envelope?.accepted.isEmpty != false { self.complain(4, "wrote \(exchange.verb) without a MAIL and a RCPT accepted") }
            if exchange.kind == .chunk, !self.keywords.contains("CHUNKING") { self.complain(7, "wrote a chunk, and CHUNKING is not offered") }
            if exchange.kind == .chunk, self.witness.answered < index { self.complain(4, "wrote a chunk before what is ahead of it was answered") }
            return
        case .line: break
        }
        let line = exchange.line
        if let fault = line.fault { self.complain(8, "wrote \(line.octets.shown): \(fault)") }
        if line.verb == "BDAT" { return self.complain(8, "wrote \(line.octets.shown), which is no chunk") }
        if index > self.witness.answered, line.verb != "QUIT" {
            let before = self.witness.exchanges[index - 1].verb
            if !self.keywords.contains("PIPELINING") { self.complain(6, "wrote \(line.octets.shown) behind \(before), and there is no PIPELINING") }
            if !["MAIL", "RCPT", "RSET"].contains(before) { self.complain(6, "wrote \(line.octets.shown) behind \(before), which ends a group") }
        }
        if line.verb == "MAIL", self.taken > 0, !self.isReused { self.lone = index }
        self.checkOffer(line)
    }

    /// Law 7: in clear text only what was asked for in clear text.
    private mutating func checkTLS(_ octets: [UInt8]) {
        switch self.tls {
        case .stands: break
        case .clear:
            guard self.witness.mode == .over else { break }
            let last = self.witness.exchanges.last { $0.verb == "STARTTLS" }?.reply?.code
            if last == 220 || octets != Self.quit { self.complain(7, "wrote \(octets.shown) behind the \(last ?? 0) to STARTTLS") }
        case .asked: self.complain(7, "wrote \(octets.shown) in the middle of a handshake")
        case .failed: self.complain(7, "wrote \(octets.shown) in clear text after a handshake that failed")
        }
    }

    /// What was offered, and as things are now: nothing that was read before TLS is used after it (law 7).
    private mutating func checkOffer(_ line: SpokenLine) {
        switch line.verb {
        case "EHLO", "HELO": if self.hello != nil { self.complain(6, "wrote \(line.octets.shown), and was answered that before") }
        case "STARTTLS": if !self.keywords.contains("STARTTLS") { self.complain(7, "wrote STARTTLS, which is not offered") }
        case "AUTH": if !self.offer.mechanisms.contains(line.mechanism) { self.complain(7, "wrote AUTH \(line.mechanism), which is not offered") }
        default: break
        }
        if ["MAIL", "AUTH"].contains(line.verb), self.wasGreetedInClear, self.hello == nil {
            self.complain(7, "wrote \(line.verb) over TLS before EHLO")
        }
    }

    // MARK: TLS

    /// The handshake begins.
    mutating func asksTLS() {
        if self.tls != .clear { self.complain(7, "asked for TLS twice") }
        if self.spokeUnasked != nil { self.complain(7, "asked for TLS with octets in clear text in front of it") }
        self.tls = .asked
        self.witness.over()
    }

    mutating func secured(_ security: Security) {
        self.tls = .stands(security)
        self.witness.secured()
        self.offer = KeywordList()
        self.hello = nil
    }

    mutating func notSecured() { self.tls = .failed }

    private mutating func checkContent() {
        if self.witness.open?.accepted.isEmpty != false { self.complain(4, "wrote content without a MAIL and a RCPT accepted") }
        if !self.witness.owed.isEmpty { self.complain(4, "wrote content before what is ahead of it was answered") }
    }

    /// The first octet of a reply, or of anything, arrived.
    mutating func hearBeginning(at step: Int) {
        if self.witness.owed.isEmpty { self.spokeUnasked = self.spokeUnasked ?? step }
    }

    mutating func hear(reply code: Int, _ text: String, at step: Int) {
        let index = self.witness.answered
        guard self.witness.hear(reply: code, text, at: step) else { return self.spokeUnasked = self.spokeUnasked ?? step }
        let exchange = self.witness.exchanges[index]
        switch exchange.verb {
        case "EHLO" where code / 100 == 2:
            self.offer = KeywordList(text)
            self.greeted(exchange.line)
        case "HELO" where code / 100 == 2:
            self.offer = KeywordList()
            self.greeted(exchange.line)
        case "MAIL":
            if code / 100 == 2, self.taken > 0 { self.isReused = true }
            self.lone = nil
        default: break
        }
        if exchange.message != nil, code / 100 == 2 { self.taken += 1 }
    }

    private mutating func greeted(_ line: SpokenLine) {
        self.hello = line
        if self.tls == .clear { self.wasGreetedInClear = true }
    }

    private mutating func complain(_ law: Int, _ text: String) {
        if self.faults.count < 5 { self.faults.append(Fault(law: law, text: text)) }
    }
}

/// A law that was broken, and how.
struct Fault: Hashable {
    let law: Int
    let text: String
}
