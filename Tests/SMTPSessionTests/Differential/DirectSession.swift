/// The same gateway and the same host without Mailshim: one connection, on which each hears the other at once.
struct DirectSession {
    private var actor: GatewayActor
    private var gateway = Witness()
    private var host: Host
    private let seed: UInt64
    private let plan: GatewayPlan
    private var isLost = false

    init(_ scenario: Scenario, _ plan: GatewayPlan, _ nature: HostNature) {
        self.actor = GatewayActor(plan: plan)
        self.host = Host(number: 1, nature: nature)
        self.seed = scenario.hostSeed ?? 0
        self.plan = plan
    }

    /// A host that says nothing more ends it: the gateway's patience does.
    mutating func play() -> Story {
        for step in 1..<5_000 where !self.isLost {
            self.answer(at: step)
            guard !self.isLost, !self.actor.isDone, let said = self.actor.act(self.gateway, hasUnsent: false) else {
                break
            }
            self.gateway.hear(said, at: step)
            var dice = Dice(seed: self.seed)
            self.take(self.host.read(said, at: step, &dice), at: step)
        }
        self.answer(at: 5_000)
        return Story(gateway: self.gateway, plan: self.plan, hosts: [self.host.ear])
    }

    private mutating func answer(at step: Int) {
        while self.host.hasToAnswer, !self.isLost, var dice = self.host.dice(of: self.seed) {
            self.take(self.host.answer(at: step, &dice), at: step)
        }
    }

    private mutating func take(_ emissions: [Host.Emission], at step: Int) {
        for emission in emissions where !self.isLost {
            switch emission {
            case .reply(let code, let text):
                let isGreeting = self.gateway.answered == 0
                self.gateway.hear(reply: code, text, at: step)
                if isGreeting, code != 220 { self.isLost = true }
            case .junk, .end, .reset: self.isLost = true
            }
        }
    }
}
