/// A gateway that carries out its plan, and reacts to what it hears.
struct GatewayActor {
    /// What it says next, and when it may.
    private enum Item {
        case say([UInt8], waits: Bool, needs: Need)
        /// An answer to a challenge, where there is one.
        case answer([UInt8])
        /// Mail data, once the DATA before it was answered by 354.
        case data([UInt8])
        case endOfLetter(resets: Bool)
    }

    private enum Need { case nothing, sender, recipient, tls }

    private(set) var plan: GatewayPlan
    private var parts: ArraySlice<GatewayPlan.Part>
    private var items: [Item] = []
    private var next = 0
    private var hasFailed = false
    /// Its last chunk is followed by QUIT at once (Exim).
    private var runsOn = false
    /// The keywords that it was shown.
    private var shown = KeywordList()
    private(set) var hasQuit = false

    init(plan: GatewayPlan) {
        self.plan = plan
        self.parts = plan.parts[...]
    }

    var isDone: Bool { self.next >= self.items.count && self.parts.isEmpty }

    /// The next octets it says; nil: it waits. Empty: it decided to skip something.
    mutating func act(_ witness: Witness, hasUnsent: Bool) -> [UInt8]? {
        let isSettled = witness.owed.isEmpty && !hasUnsent && witness.unread == 0 && witness.mode != .over
        if self.next >= self.items.count {
            guard let part = self.parts.first else { return nil }
            if !isSettled, !self.mayRunOn(to: part) { return nil }
            self.learnKeywords(witness)
            self.parts = self.parts.dropFirst()
            self.next = 0
            self.items = []
            self.expand(part)
            self.hasFailed = false
            return []
        }
        switch self.items[self.next] {
        case .say(let octets, let waits, let need):
            if waits {
                guard isSettled else { return nil }
                self.next += 1
                guard self.holds(need, witness) else {
                    self.hasFailed = true
                    return []
                }
                return octets
            }
            self.next += 1
            return octets
        case .answer(let octets):
            guard isSettled else { return nil }
            self.next += 1
            return witness.mode == .response ? octets : []
        case .data(let octets):
            guard isSettled else { return nil }
            self.next += 1
            guard witness.mode == .data else {
                self.hasFailed = true
                return []
            }
            return octets
        case .endOfLetter(let resets):
            if self.runsOn, case .quit? = self.parts.first {
                self.next += 1
                return []
            }
            guard isSettled else { return nil }
            self.next += 1
            let isRefused = witness.exchanges.last?.verb == "BDAT" && witness.exchanges.last?.reply?.isPositive == false
            return (witness.open != nil || self.hasFailed || isRefused) && resets ? [UInt8]("RSET\r\n") : []
        }
    }

    private func mayRunOn(to part: GatewayPlan.Part) -> Bool {
        switch part {
        case .line(_, waits: false): true
        case .quit: self.runsOn
        case .line, .hello, .letter, .startTLS, .authenticate: false
        }
    }

    private func holds(_ need: Need, _ witness: Witness) -> Bool {
        switch need {
        case .nothing: true
        case .sender: witness.open != nil
        case .recipient: witness.open?.accepted.isEmpty == false
        case .tls: witness.isSecured
        }
    }

    private mutating func learnKeywords(_ witness: Witness) {
        guard self.shown.names.isEmpty || witness.isSecured,
            let hello = witness.exchanges.last(where: { $0.verb == "EHLO" && $0.reply?.isPositive == true })?.reply
        else { return }
        self.shown = KeywordList(hello.text)
    }

    private mutating func expand(_ part: GatewayPlan.Part) {
        switch part {
        case .hello(let verb): self.say("\(verb) gw.example", waits: true)
        case .line(let line, let waits): self.say(line, waits: waits)
        case .quit:
            self.hasQuit = true
            self.say("QUIT", waits: false)
        case .letter(let letter): self.expand(letter)
        case .startTLS(let startTLS): self.expand(startTLS)
        case .authenticate(let authentication): self.expand(authentication)
        }
    }

    private mutating func expand(_ startTLS: GatewayPlan.StartTLS) {
        guard self.shown.names.contains("STARTTLS") || startTLS.isForced else { return }
        self.items.append(.say([UInt8]("STARTTLS\r\n" + startTLS.behind), waits: true, needs: .nothing))
        if let hello = startTLS.hello { self.say(hello, waits: true, needs: .tls) }
    }

    private mutating func expand(_ authentication: GatewayPlan.Authentication) {
        guard self.shown.mechanisms.contains(authentication.mechanism) || authentication.isForced else { return }
        var answers = authentication.answers[...]
        let initial = authentication.isAtOnce ? answers.popFirst().map { " " + $0 } ?? "" : ""
        self.say("AUTH \(authentication.mechanism)\(initial)", waits: true)
        for answer in answers { self.items.append(.answer([UInt8](answer + "\r\n"))) }
        // Who asks for more is not answered.
        self.items.append(.answer([UInt8]("*\r\n")))
    }

    private mutating func say(_ line: String, waits: Bool, needs: Need = .nothing) {
        self.items.append(.say([UInt8](line + "\r\n"), waits: waits, needs: needs))
    }

    private mutating func expand(_ letter: GatewayPlan.Letter) {
        self.runsOn = false
        let isPipelined = letter.isPipelined && self.shown.names.contains("PIPELINING")
        let allowed = letter.parameters.filter { letter.fault == .parametersNotOffered || self.shown.names.contains($0.needs) }.map { " " + $0.text }
            .joined()
        self.say("MAIL FROM:<\(letter.hasSender ? "m\(letter.number)@gw.example" : "")>\(allowed)", waits: true)
        let notify = letter.notifies && (self.shown.names.contains("DSN") || letter.fault == .parametersNotOffered) ? " NOTIFY=NEVER" : ""
        for recipient in 0..<(letter.fault == .noRecipients ? 0 : letter.recipients) {
            self.say("RCPT TO:<r\(letter.number).\(recipient)@d\(recipient % 2).example>\(notify)", waits: !isPipelined, needs: .sender)
            if letter.fault == .noopInside { self.say(letter.number % 2 == 0 ? "NOOP" : "VRFY x", waits: !isPipelined) }
        }
        if let line = letter.givesUp {
            if !line.isEmpty { self.say(line, waits: true) }
            return
        }
        if letter.chunks > 0, self.shown.names.contains("CHUNKING") {
            self.chunk(letter, isPipelined: isPipelined)
        } else {
            self.say("DATA", waits: !isPipelined, needs: letter.fault == .noRecipients ? .nothing : .recipient)
            if letter.fault == .dataTwice { self.say("DATA", waits: false) }
            let octets = Content.ended(letter.body)
            self.items.append(letter.fault == .dataUnasked ? .say(octets, waits: false, needs: .nothing) : .data(octets))
        }
        self.items.append(.endOfLetter(resets: letter.resets))
    }

    private mutating func chunk(_ letter: GatewayPlan.Letter, isPipelined: Bool) {
        self.runsOn = isPipelined
        let size = letter.body.count / letter.chunks
        for index in 0..<letter.chunks {
            let isLast = index == letter.chunks - 1
            let octets = isLast ? letter.body[(index * size)...] : letter.body[(index * size)..<((index + 1) * size)]
            self.items.append(
                .say([UInt8]("BDAT \(octets.count)\(isLast ? " LAST" : "")\r\n") + octets, waits: !isPipelined, needs: .recipient))
        }
    }
}
