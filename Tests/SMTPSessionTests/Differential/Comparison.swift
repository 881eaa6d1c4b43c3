import QuirkKit

/// A session from a seed, with Mailshim and without it; and the host's own word on each message.
struct Comparison {
    let with: Story
    let direct: Story
    /// What becomes of each message by itself, as when it is sent again: at this host, or were it without quirks.
    let word: [Copy: Fate]
    /// Nothing that the host says can be taken for a quirk, and Mailshim begins nothing with it.
    let isHealthy: Bool
    /// Laws that were broken on the way.
    let faults: [Fault]

    init(seed: UInt64, catalogue: [any Quirk]? = nil) {
        let world = World(.compared, Dice(seed: seed), catalogue: catalogue)
        self.faults = world.play()
        let scenario = world.scenario
        self.with = Story(gateway: world.gateway.witness, plan: scenario.plan, hosts: world.remotes.map(\.host.ear))
        var direct = DirectSession(scenario, scenario.plan, scenario.hosts[0])
        self.direct = direct.play()
        var word: [Copy: Fate] = [:]
        for letter in scenario.plan.letters {
            for nature in [scenario.hosts[0], scenario.hosts[0].withoutQuirks] {
                var session = DirectSession(scenario, scenario.plan.alone(letter.number), nature)
                word.merge(session.play().fates, uniquingKeysWith: min)
            }
        }
        self.word = word
        self.isHealthy = scenario.hosts[0].isHealthy && scenario.hosts[0].tls == nil
    }

    init(with: Story, direct: Story, isHealthy: Bool) {
        (self.with, self.direct, self.word, self.isHealthy, self.faults) = (with, direct, direct.fates, isHealthy, [])
    }

    /// What Mailshim made worse. Empty: nothing.
    var complaints: [String] {
        var complaints = self.faults.map { "law \($0.law): \($0.text)" }
        for (copy, fate) in self.with.fates.sorted(by: { $0.key < $1.key }) {
            // Where a quirk kept the host from its own word on the message, that is no worse, whatever it is.
            let own = min(self.direct.fates[copy] ?? .delivered, self.word[copy] ?? .delivered)
            if fate < own { complaints.append("\(copy) is \(fate), and without Mailshim it is \(own)") }
            let arrivals = self.with.arrived[copy.message]?.count ?? 0
            if fate == .delivered, arrivals == 0 { complaints.append("\(copy) is delivered, and never arrived") }
            if arrivals > 1 { complaints.append("\(copy) arrived \(arrivals) times") }
        }
        for (message, contents) in self.with.arrived.sorted(by: { $0.key < $1.key }) {
            let said = self.with.said[message] ?? []
            for content in contents where content != said {
                complaints.append("message \(message) arrived as another: \(content.shown) for \(said.shown)")
            }
        }
        if self.isHealthy, self.with.heard != self.direct.heard {
            complaints.append("a healthy host heard \(self.with.heard), and without Mailshim \(self.direct.heard)")
        }
        return complaints
    }
}
