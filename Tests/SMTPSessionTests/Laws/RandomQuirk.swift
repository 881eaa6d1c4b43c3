import QuirkKit
import SMTPWire

/// A quirk whose workarounds and diagnoses come from a seed, sensible or not: the laws must hold whatever it says.
///
/// A quirk keeps no state, so what it says is drawn from the seed and from what it is asked about.
struct RandomQuirk: Quirk {
    /// Names that a host may hear behind EHLO in place of the gateway's.
    static let helloNames = ["other.example", "[192.0.2.7]"]

    /// In every reply that a random quirk made up.
    static let mark = "qUiRk"

    /// The code of a refusal that a rule rewrote.
    static let permanent = 559

    /// For refusals with other codes, and for any reply: what is positive or intermediate must keep its code.
    private static let replyRules = [("^5", 459), ("^4", Self.permanent), (".", 421), (".", Self.permanent)].compactMap { match, code in
        (try? Pattern(match)).map { ReplyRule(on: .any, match: $0, code: code) }
    }

    let name: String
    let watches: Watches
    let acquittals: Watches
    private let seed: UInt64
    /// How often it has something to say, of a thousand.
    private let zeal: Int

    init(_ name: String, seed: UInt64) {
        var dice = Dice(seed: seed)
        let moments = Observation.Moment.allCases.filter { _ in dice.permille(600) }
        let kinds = Answer.Kind.allCases.filter { _ in dice.permille(700) }
        self.name = name
        self.watches = Watches(kinds, at: moments)
        self.acquittals = Watches([.accepted], at: moments)
        self.seed = seed
        self.zeal = dice.pick([20, 100, 300, 700])
    }

    var description: QuirkDescription {
        QuirkDescription(
            name: self.name, repairs: "nothing", detection: "at random",
            options: [OptionDescription("seed", .integer(0...Int.max), standard: .integer(0), meaning: "of its workarounds")], evidence: [],
            stage: .mail)
    }

    func workarounds(_ options: Options) -> Workarounds {
        var dice = Dice(seed: self.seed &+ UInt64(options.integer("seed") ?? 0))
        return Workarounds { workarounds in
            if dice.permille(150) { workarounds.hello = .helo }
            if dice.permille(200) { workarounds.speaksFirst = dice.within(1...60) }
            if dice.permille(100) { workarounds.helloName = dice.pick(Self.helloNames + ["not a name\r\nNOOP"]) }
            if dice.permille(200) { workarounds.tls = dice.pick([.legacy, .clear]) }
            if dice.permille(300) { workarounds.messages = dice.within(1...3) }
            if dice.permille(300) { workarounds.resetsBeforeMail = true }
            if dice.permille(300) { workarounds.droppedParameters = ["SIZE", "BODY", "NOTIFY", "RET", "AUTH"] }
            if dice.permille(200) { workarounds.strictSyntax = true }
            if dice.permille(200) { workarounds.nullSender = dice.pick(["discard@example.org", "r1.0@d0.example"]) }
            if dice.permille(200) { workarounds.distrusted = dice.pick([["PIPELINING"], ["CHUNKING"], ["DSN", "SIZE"], ["8BITMIME"]]) }
            if dice.permille(200) { workarounds.replies = [.joinsLines, .softensGreeting] }
            if dice.permille(200) { workarounds.replyRules = [dice.pick(Self.replyRules)] }
            if dice.permille(200) { workarounds.recipients = dice.within(1...3) }
            if dice.permille(200) { workarounds.holdsFinalDot = true }
        }
    }

    func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
        var dice = self.dice(seen, facts)
        guard dice.permille(self.zeal) else { return nil }
        let counting = Counting(
            needed: dice.within(1...3), ending: dice.pick([.expires, .probed(hourly: false), .probed(hourly: true)]), doubt: .reuse(past: 1))
        let told = Reply(dice.pick([250, 250, 354, 334, 450, 451, 503, 550, 421, 221]), "\(Self.mark) at random")
        return Diagnosis(
            ["seed": .integer(dice.below(1 << 20))], retry: dice.pick([.none, .here, .here, .onNewConnection, .onNewConnection]),
            tells: dice.permille(400) ? told : nil, counts: dice.permille(500) ? counting : nil, because: "at random")
    }

    func acquits(_ seen: Observation, _ facts: Facts) -> Bool {
        var dice = self.dice(seen, facts)
        return dice.permille(500)
    }

    private func dice(_ seen: Observation, _ facts: Facts) -> Dice {
        let asked =
            facts.mails &* 7 &+ facts.messages &* 31 &+ facts.connection &* 131 &+ facts.recipientsAccepted &* 1009 &+ Int(seen.moment.rawValue)
            &* 7919
        return Dice(seed: self.seed ^ UInt64(truncatingIfNeeded: asked))
    }
}
