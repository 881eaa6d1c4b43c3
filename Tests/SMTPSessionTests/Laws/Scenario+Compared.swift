// What makes a session comparable with the same session without Mailshim.

extension Scenario {
    /// The gateway stays to the end, and hosts answer the same command in the same way.
    mutating func makeComparable(_ dice: inout Dice) {
        self.hostSeed = dice.next()
        (self.plan.leaving, self.plan.leavesAfter) = (.never, nil)
        guard dice.permille(250) else { return }
        var tls = HostTLS.any(self.hosts[0].keywords, trouble: 500, isImplicit: false, &dice)
        // With the same keywords the gateway says the same.
        tls.keywords = self.hosts[0].keywords
        // A fault of this machine is nothing that the host does.
        if case .fails(.ours) = tls.handshake { tls.handshake = .fails(.handshake) }
        self.hosts[0].tls = tls
    }
}

extension HostNature {
    /// Any trait of docs/quirks.md that a host of these worlds can have, but for words that answer nothing: what a
    /// gateway of its own makes of those is
    /// nobody's outcome.
    static func decided(_ dice: inout Dice) -> HostNature {
        var nature =
            dice.permille(300) ? Self.healthy(&dice) : dice.permille(600) ? Self.family(&dice) : Self.wild(&dice)
        (nature.oddReplies, nature.junk, nature.answersEarly, nature.speaksUnasked) = (0, 0, 0, 0)
        if case .chatters = nature.greeting { nature.greeting = .fine }
        if dice.permille(100) { nature.mostRecipients = (dice.within(1...3), dice.pick([452, 550, 552])) }
        // A repair says `MAIL` once more, and what it repairs is taken: a host that counts would stop one message earlier.
        switch nature.shape {
        case .limit, .silence: return nature
        case .healthy, .sticky, .noReuse: break
        }
        if dice.permille(100) {
            nature.refusesSize = true
            if !nature.keywords.contains("SIZE 1000000") { nature.keywords.append("SIZE 1000000") }
        }
        return nature
    }
}

extension HostNature {
    /// The same host without what Mailshim makes up for: its own word on a message.
    var withoutQuirks: HostNature {
        var nature = self
        (nature.shape, nature.greeting, nature.hello) = (.healthy, .fine, .fine)
        (nature.mostRecipients, nature.refusesSize, nature.tls, nature.isSteadfast) = (nil, false, nil, true)
        return nature
    }
}

extension Host {
    /// What it decides by when it answers what it has understood next: the command and whom it names, and nothing else.
    func dice(of seed: UInt64) -> Dice? {
        guard let exchange = self.ear.owed.first else { return nil }
        let whom =
            exchange.line.path
            ?? (self.ear.open?.message ?? exchange.message.flatMap { self.ear.messages[$0].envelope.message }).map(
                String.init)
        // FNV-1a
        let verb = exchange.isEnd ? "." : exchange.verb
        let key = "\(verb) \(whom ?? "")".utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
        }
        return Dice(seed: seed ^ key)
    }
}
