import QuirkKit
import SMTPWire

/// What a random quirk wants to be asked.
protocol HookChoice: Sendable {
    static var name: String { get }
    static var hooks: Hooks { get }
}

enum EverythingAsked: HookChoice {
    static let name = "random-everything"
    static let hooks: Hooks = [.reuse, .commands, .refusals, .replies, .tls]
}

enum RefusalsAsked: HookChoice {
    static let name = "random-refusals"
    static let hooks: Hooks = [.refusals]
}

enum MailAsked: HookChoice {
    static let name = "random-mail"
    static let hooks: Hooks = [.mail, .reuse]
}

/// A quirk whose judgements come from a seed, sensible or not: the laws must hold whatever it says.
struct RandomQuirk<Choice: HookChoice>: Quirk {
    static var description: QuirkDescription {
        QuirkDescription(
            name: Choice.name, repairs: "nothing", detection: "at random",
            options: [OptionDescription("seed", .integer(0...Int.max), standard: .integer(0), meaning: "of its decisions")], evidence: [], stage: .mail)
    }

    static var hooks: Hooks { Choice.hooks }

    /// How often it has something to say, of a thousand.
    private let zeal: Int
    private var dice: Dice

    init(_ activation: Activation) {
        guard case .applied(let options) = activation, case .integer(let seed)? = options["seed"] else {
            (self.zeal, self.dice) = (0, Dice(seed: 0))
            return
        }
        self.dice = Dice(seed: UInt64(seed))
        self.zeal = self.dice.pick([20, 100, 300, 700])
    }

    func isSpent(given facts: Facts) -> String? {
        var dice = Dice(seed: UInt64(facts.mails * 7 + facts.messages * 3 + facts.connection))
        return dice.permille(self.zeal) ? "at random" : nil
    }

    func firstRung(given facts: Facts) -> Rung {
        var dice = self.dice
        return dice.pick([.modern, .modern, .legacy, .clear])
    }

    mutating func decide(on command: Command, given facts: Facts) -> CommandDecision {
        guard self.dice.permille(self.zeal) else { return .pass }
        switch self.dice.below(4) {
        case 0: return .rewrite(self.changed(command), because: "at random")
        case 1: return .answer(self.reply(), because: "at random")
        case 2: return .precede(with: self.dice.pick([.rset, .rset, .noop, .data, .quit, Command(line: Array("VRFY x".utf8))]), because: "at random")
        default: return .pass
        }
    }

    /// Most of the time something that the command could be as well.
    private mutating func changed(_ command: Command) -> Command {
        if self.dice.permille(150) { return self.dice.pick([.data, .rset, .quit, .noop, Command(line: Array("BDAT 4".utf8))]) }
        switch command.body {
        case .mail(let mail): return mail.without(["SIZE", "BODY"]).command
        case .rcpt(let recipient): return recipient.without(["NOTIFY"]).command
        default: return command
        }
    }

    private mutating func reply() -> Reply {
        Reply(self.dice.pick([250, 250, 354, 334, 450, 451, 503, 550, 421, 221]), "\(RandomQuirkWords.mark) at random")
    }

    mutating func decide(on answer: Answer, to command: Command?, given facts: Facts) -> ReplyDecision {
        guard self.dice.permille(self.zeal) else { return .pass }
        let finding = Finding(
            quirk: QuirkSetting(self.dice.pick(["message-limit", "sticky-sender", Choice.name])), shape: .limit, sent: command?.text ?? "", reply: "at random",
            needed: self.dice.within(1...3), heals: false)
        switch self.dice.below(6) {
        case 0: return .rewrite(self.reply(), because: "at random")
        case 1, 2:
            let recovery = self.dice.pick([Recovery.reset, .reconnect, .reset, .reconnect, .legacyTLS, .clearText])
            return .recover(recovery, finding: self.dice.permille(500) ? finding : nil, because: "at random")
        case 3: return .learn(finding, because: "at random")
        case 4: return .disconnect(because: "at random")
        default: return .pass
        }
    }
}

enum RandomQuirkWords {
    /// In every reply that a random quirk made up.
    static let mark = "qUiRk"
}
