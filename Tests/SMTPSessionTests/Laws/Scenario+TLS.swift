import QuirkKit
import SMTPSession

extension Scenario.Theme {
    var hasTLS: Bool { [.soundTLS, .familyTLS, .wildTLS].contains(self) }
    var isHealthy: Bool { [.healthy, .soundTLS].contains(self) }
}

/// What is added to a session by TLS and AUTH: hosts that know them, rules that demand them, a gateway that asks for them.
extension Scenario {
    mutating func addTLS(_ dice: inout Dice) {
        let isSound = self.theme == .soundTLS
        let demand = Self.demand(isSound: isSound, &dice)
        self.profile.tls = demand
        self.profile.authUnverified = dice.permille(400)
        let trouble = dice.pick([0, 150, 400])
        for index in self.hosts.indices {
            self.hosts[index].learnTLS(trouble: trouble, isSound: isSound, isImplicit: demand.manner == .implicit, &dice)
        }
        if isSound { self.makeSatisfied(demand) }
        self.terms = dice.pick([
            GatewayTerms(), GatewayTerms(offersTLS: true), GatewayTerms(offersTLS: true), GatewayTerms(offersTLS: true, allowsPasswordsInClear: true),
            GatewayTerms(allowsPasswordsInClear: true), GatewayTerms(offersTLS: true, isEncrypted: true),
        ])
        self.plan.addTLS(wrong: self.theme == .wildTLS ? 150 : 0, &dice)
        guard !isSound else { return }
        if dice.permille(250), demand.manner == .starttls {
            self.tlsOfHost = dice.pick([
                TLSDemand(.off), .opportunistic, TLSDemand(.required), TLSDemand(.verified), TLSDemand(.verified, names: ["mx.example"]),
            ])
        }
        if dice.permille(400) {
            self.tlsOfDomains["d0.example"] = dice.pick([TLSDemand(.required), TLSDemand(.verified), TLSDemand(.verified, names: ["mx.example"])])
            if dice.permille(500) { self.tlsOfDomains["d1.example"] = dice.pick([.opportunistic, TLSDemand(.required)]) }
        }
        self.addQuirksOfTLS(&dice)
    }

    private static func demand(isSound: Bool, _ dice: inout Dice) -> TLSDemand {
        switch dice.below(20) {
        case 0: TLSDemand(.off)
        case 1...9: .opportunistic
        case 10...13: TLSDemand(.required)
        case 14, 15: TLSDemand(.verified)
        case 16: TLSDemand(.verified, names: ["mx.example"])
        case 17 where !isSound: TLSDemand(.opportunistic, .passthrough)
        default: TLSDemand(dice.permille(500) ? .required : .verified, .implicit)
        }
    }

    /// So that what healthy hosts are heard to say is not what Mailshim says in their place.
    private mutating func makeSatisfied(_ demand: TLSDemand) {
        guard demand.level == .verified else { return }
        for index in self.hosts.indices {
            self.hosts[index].tls?.doubt = nil
            self.hosts[index].tls?.names = Set(HostTLS.names)
        }
    }

    private mutating func addQuirksOfTLS(_ dice: inout Dice) {
        if dice.permille(150) {
            let isConfigured = dice.permille(500)
            self.profile.layers.append(
                Layer(QuirkSetting("legacy-tls"), isConfigured ? .rule : .learned, isDueForProbe: !isConfigured && dice.permille(300)))
        }
        if dice.permille(80) {
            self.profile.layers.append(Layer(QuirkSetting("broken-starttls"), .learned, isDueForProbe: dice.permille(300)))
        }
        if dice.permille(50) { self.profile.ignored.insert(dice.pick(["legacy-tls", "broken-starttls"])) }
    }
}

extension GatewayPlan {
    mutating func addTLS(wrong: Int, _ dice: inout Dice) {
        for index in self.parts.indices {
            guard case .letter(var letter) = self.parts[index] else { continue }
            if dice.permille(80) { letter.parameters.append((needs: "REQUIRETLS", text: "REQUIRETLS")) }
            if dice.permille(40) { letter.parameters.append((needs: "AUTH", text: "AUTH=<>")) }
            self.parts[index] = .letter(letter)
        }
        self.spoilsTLS = wrong
        // At first, and what is wrong anywhere.
        if dice.permille(700) { self.insert(.authenticate(Authentication(wrong: wrong, &dice)), wrong: wrong, &dice) }
        if wrong > 0, dice.permille(wrong) { self.insert(.authenticate(Authentication(wrong: wrong, &dice)), wrong: 500, &dice) }
        if dice.permille(600) { self.insert(.startTLS(StartTLS(wrong: wrong, &dice)), wrong: wrong, &dice) }
        if wrong > 0, dice.permille(wrong) { self.insert(.startTLS(StartTLS(wrong: wrong, &dice)), wrong: 500, &dice) }
    }

    private mutating func insert(_ part: Part, wrong: Int, _ dice: inout Dice) {
        let place = dice.permille(wrong) ? dice.within(0...self.parts.count) : 1
        self.parts.insert(part, at: min(place, self.parts.count))
    }
}

extension GatewayPlan.StartTLS {
    init(wrong: Int, _ dice: inout Dice) {
        self.hello = "EHLO gw.example"
        guard wrong > 0 else { return }
        self.isForced = dice.permille(wrong)
        if dice.permille(wrong) { self.hello = dice.pick([nil, "HELO gw.example", "EHLO other.example"]) }
        if dice.permille(wrong) {
            self.behind = dice.pick(["EHLO gw.example\r\n", "MAIL FROM:<m0@gw.example>\r\n", "NOOP\r\n", "x", "STARTTLS\r\n", "QUIT\r\n"])
        }
    }
}

extension GatewayPlan.Authentication {
    init(wrong: Int, _ dice: inout Dice) {
        self.mechanism = dice.pick(["PLAIN", "PLAIN", "LOGIN", "CRAM-MD5"])
        self.answers = (0..<(self.mechanism == "LOGIN" ? 2 : 1)).map { "\(Content.secret)\($0)" }
        self.isAtOnce = self.mechanism != "CRAM-MD5" && dice.permille(600)
        if dice.permille(30) { self.answers[self.answers.count - 1] = "*" }
        guard wrong > 0, dice.permille(wrong) else { return }
        self.isForced = true
        self.answers[self.answers.count - 1] = dice.pick([
            "*", "\(Content.secret)\nQUIT", "\(Content.secret)\0", "", String(repeating: Content.secret, count: 1300),
        ])
    }
}
