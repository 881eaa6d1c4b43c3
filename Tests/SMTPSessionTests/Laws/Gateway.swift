/// A gateway that carries out its plan, and reacts to what it hears.
struct GatewayActor {
    /// What it says next, and when it may.
    private enum Item {
        case say([UInt8], waits: Bool, needs: Need)
        /// Mail data, once the DATA before it was answered by 354.
        case data([UInt8])
        case endOfLetter(resets: Bool)
    }

    private enum Need { case nothing, sender, recipient }

    private(set) var plan: GatewayPlan
    private var parts: ArraySlice<GatewayPlan.Part>
    private var items: [Item] = []
    private var next = 0
    private var hasFailed = false
    /// Its last chunk is followed by QUIT at once (Exim).
    private var runsOn = false
    /// The keywords that it was shown.
    private var shown: Set<String> = []
    private(set) var hasQuit = false

    init(plan: GatewayPlan) {
        self.plan = plan
        self.parts = plan.parts[...]
    }

    var isDone: Bool { self.next >= self.items.count && self.parts.isEmpty }

    /// The next octets it says; nil: it waits. Empty: it decided to skip something.
    mutating func act(_ witness: Witness, hasUnsent: Bool) -> [UInt8]? {
        let isSettled = witness.owed.isEmpty && !hasUnsent && witness.unread == 0
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
        case .line, .hello, .letter: false
        }
    }

    private func holds(_ need: Need, _ witness: Witness) -> Bool {
        switch need {
        case .nothing: true
        case .sender: witness.open != nil
        case .recipient: witness.open?.accepted.isEmpty == false
        }
    }

    private mutating func learnKeywords(_ witness: Witness) {
        guard self.shown.isEmpty, let hello = witness.exchanges.last(where: { $0.verb == "EHLO" && $0.reply?.isPositive == true })?.reply else { return }
        self.shown = Set(hello.text.split(separator: "\n").dropFirst().map { String($0.prefix { $0 != " " }).uppercased() })
    }

    private mutating func expand(_ part: GatewayPlan.Part) {
        switch part {
        case .hello(let verb): self.say("\(verb) gw.example", waits: true)
        case .line(let line, let waits): self.say(line, waits: waits)
        case .quit:
            self.hasQuit = true
            self.say("QUIT", waits: false)
        case .letter(let letter): self.expand(letter)
        }
    }

    private mutating func say(_ line: String, waits: Bool, needs: Need = .nothing) { self.items.append(.say([UInt8](line + "\r\n"), waits: waits, needs: needs)) }

    private mutating func expand(_ letter: GatewayPlan.Letter) {
        self.runsOn = false
        let isPipelined = letter.isPipelined && self.shown.contains("PIPELINING")
        let allowed = letter.parameters.filter { letter.fault == .parametersNotOffered || self.shown.contains($0.needs) }.map { " " + $0.text }.joined()
        self.say("MAIL FROM:<\(letter.hasSender ? "m\(letter.number)@gw.example" : "")>\(allowed)", waits: true)
        let notify = letter.notifies && (self.shown.contains("DSN") || letter.fault == .parametersNotOffered) ? " NOTIFY=NEVER" : ""
        for recipient in 0..<(letter.fault == .noRecipients ? 0 : letter.recipients) {
            self.say("RCPT TO:<r\(letter.number).\(recipient)@d\(recipient % 2).example>\(notify)", waits: !isPipelined, needs: .sender)
            if letter.fault == .noopInside { self.say(letter.number % 2 == 0 ? "NOOP" : "VRFY x", waits: !isPipelined) }
        }
        if let line = letter.givesUp {
            if !line.isEmpty { self.say(line, waits: true) }
            return
        }
        if letter.chunks > 0, self.shown.contains("CHUNKING") {
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
