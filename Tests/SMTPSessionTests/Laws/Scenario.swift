import NIOCore
import QuirkKit
import SMTPSession
import SMTPWire
import StandardQuirks

/// What a random session is made of: settings, rules, quirks, a gateway with a plan, hosts with natures, and how much mischief there is around them.
struct Scenario {
    enum Theme: CaseIterable {
        /// A right gateway and healthy hosts; nothing goes wrong.
        case healthy
        /// A right gateway, the founding family.
        case family
        /// A right gateway, hosts of any kind.
        case wildHosts
        /// A wrong gateway, healthy hosts.
        case wrongGateway
        /// Whatever there is, and quirks that take random decisions.
        case randomQuirks
        /// Whatever there is.
        case wild
        /// A right gateway and healthy hosts; TLS and AUTH work wherever they are offered.
        case soundTLS
        /// A right gateway, the founding family; TLS and AUTH that fail at times, and pools.
        case familyTLS
        /// Whatever there is, with TLS and AUTH.
        case wildTLS
        /// A right gateway, and a host of any kind that makes up its mind of each message once: the same session without
        /// Mailshim can be compared.
        case compared
    }

    var theme: Theme
    var settings = Settings(hostname: "shim.example")
    var catalogue: [any Quirk] = StandardQuirks.catalogue
    var profile = Profile()
    var plan: GatewayPlan
    /// Hosts by connection; the last is for all that follow.
    var hosts: [HostNature]
    /// What hosts decide by, where it is not chance: the same command meets the same answer, whoever says it and how often.
    var hostSeed: UInt64?
    /// Whether the remote is chosen at the first RCPT.
    var isRouted = false
    /// Of a thousand, each.
    var connectFails = 0
    var mischief = 0
    var learns = false
    var terms = GatewayTerms()
    /// What the rules say once the name in the greeting is known; nil: nothing new.
    var tlsOfHost: TLSDemand?
    /// And of recipients, where they are asked for.
    var tlsOfDomains: [String: TLSDemand] = [:]

    var hasRandomQuirks: Bool { self.catalogue.count > StandardQuirks.catalogue.count }

    init(_ theme: Theme, _ dice: inout Dice) {
        self.theme = theme
        let isWrong = [.wrongGateway, .wild, .wildTLS].contains(theme) || (theme == .randomQuirks && dice.permille(300))
        self.plan = GatewayPlan(letters: 1...4, wrong: isWrong ? dice.pick([100, 200, 400]) : 0, &dice)
        self.hosts = Self.hosts(theme, &dice)
        if theme.hasTLS { self.addTLS(&dice) }
        if theme == .compared { self.makeComparable(&dice) }
        guard !theme.isHealthy, theme != .compared else { return }

        self.isRouted = dice.permille(60)
        self.connectFails = dice.pick([0, 0, 50, 300])
        self.mischief = [.family, .wrongGateway, .familyTLS].contains(theme) ? dice.pick([0, 0, 10]) : dice.pick([0, 10, 40])
        self.learns = dice.permille(300)
        if dice.permille(100) { self.settings.lineEndings = .refuse }
        if dice.permille(100) { self.settings.recipients = 2 }
        self.profile.asksForDomains = dice.permille(200) || !self.tlsOfDomains.isEmpty
        if dice.permille(100) { self.profile.shownKeywords = ["XSECRET"] }
        if dice.permille(200) {
            let limit = QuirkSetting("message-limit", ["messages": .integer(dice.within(1...3))])
            self.profile.layers.append(Layer(limit, .learned, isDueForProbe: dice.permille(300)))
        }
        if dice.permille(200) { self.profile.layers.append(Layer(QuirkSetting("sticky-sender"), .learned, isDueForProbe: dice.permille(300))) }
        if dice.permille(30) { self.profile.ignored = ["sticky-sender"] }
        if theme == .randomQuirks || (theme == .wildTLS && dice.permille(150)) { self.addRandomQuirks(&dice) }
    }

    private static func hosts(_ theme: Theme, _ dice: inout Dice) -> [HostNature] {
        func one(_ dice: inout Dice) -> HostNature {
            switch theme {
            case .healthy, .wrongGateway, .soundTLS: HostNature.healthy(&dice)
            case .family, .familyTLS: HostNature.family(&dice)
            case .wildHosts: HostNature.wild(&dice)
            case .compared: HostNature.decided(&dice)
            case .randomQuirks, .wild, .wildTLS:
                dice.permille(400) ? HostNature.healthy(&dice) : dice.permille(500) ? HostNature.family(&dice) : HostNature.wild(&dice)
            }
        }
        let first = one(&dice)
        // Most remotes are alike on all connections; pools are not.
        guard !theme.isHealthy, theme != .compared, dice.permille(400) else { return [first] }
        return [first, one(&dice), one(&dice), one(&dice)]
    }

    /// Up to three, at any place of the catalogue, known of the host or only looked for: layers and diagnoses that no quirk would give.
    private mutating func addRandomQuirks(_ dice: inout Dice) {
        for number in 0..<dice.within(1...3) {
            let quirk = RandomQuirk("random-\(number)", seed: UInt64(dice.below(1 << 40)))
            self.catalogue.insert(quirk, at: dice.below(self.catalogue.count + 1))
            guard dice.permille(500) else { continue }
            let setting = QuirkSetting(quirk.name, ["seed": .integer(dice.below(1 << 20))])
            self.profile.layers.append(Layer(setting, dice.pick([.rule, .ruleOfGreeting, .learned]), isDueForProbe: dice.permille(200)))
        }
    }
}
