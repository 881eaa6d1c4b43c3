/// What a gateway is going to do in a session: right most of the time, wrong at times.
struct GatewayPlan {
    enum Part {
        case hello(verb: String)
        case letter(Letter)
        /// A command between letters.
        case line(String, waits: Bool)
        case startTLS(StartTLS)
        case authenticate(Authentication)
        case quit
    }

    struct StartTLS {
        /// Comes right behind it, which is wrong.
        var behind = ""
        /// Whether it says EHLO again where TLS stands; nil: wrongly not.
        var hello: String?
        /// Although it is not offered.
        var isForced = false
    }

    struct Authentication {
        let mechanism: String
        /// The initial response comes with the command.
        var isAtOnce = true
        var answers: [String]
        var isForced = false
    }

    /// One message, or an attempt at one.
    struct Letter {
        let number: Int
        var hasSender = true
        /// Parameters of `MAIL`, each with the keyword that allows it.
        var parameters: [(needs: String, text: String)] = []
        var recipients = 1
        var notifies = false
        /// `BDAT` where it is offered, in so many chunks.
        var chunks = 0
        var body: [UInt8] = []
        /// Without waiting for replies, as far as RFC 2920 allows.
        var isPipelined = false
        /// `RSET` where something was refused; else shape C.
        var resets = true
        /// Gives up with this before the data: "RSET", "EHLO again", or nothing at all (the next `MAIL` comes).
        var givesUp: String?
        var fault = Misdeed.none
    }

    enum Misdeed {
        case none
        /// The content comes right behind DATA.
        case dataUnasked
        case noRecipients
        case dataTwice
        case noopInside
        case parametersNotOffered
    }

    enum Leaving { case never, ends, resets }

    var parts: [Part] = []
    /// It leaves behind so many octets, wherever that is; or at the end of its plan.
    var leavesAfter: Int?
    var leaving = Leaving.never
    /// Its handshake fails, of a thousand.
    var spoilsTLS = 0
}

extension GatewayPlan {
    /// - Parameter wrong: misdeeds of a thousand letters.
    init(letters: ClosedRange<Int>, wrong: Int, _ dice: inout Dice) {
        let isPipelining = dice.permille(500)
        self.parts = [.hello(verb: dice.permille(wrong / 10) ? "HELO" : "EHLO")]
        let count = dice.within(letters)
        for number in 1...max(1, count) {
            if dice.permille(120) { self.parts.append(.line(Self.aside(wrong: wrong, &dice), waits: !dice.permille(wrong))) }
            self.parts.append(.letter(Letter(number, isPipelining: isPipelining, wrong: wrong, &dice)))
        }
        if wrong > 0, dice.permille(wrong) { self.parts.remove(at: 0) }
        if dice.permille(850) { self.parts.append(.quit) }
        self.leaving = dice.pick([.never, .ends, .resets])
        if wrong > 0, dice.permille(wrong) {
            self.leavesAfter = 1 + dice.below(dice.permille(300) ? 60 : 600)
            if self.leaving == .never { self.leaving = .ends }
        }
    }

    private static func aside(wrong: Int, _ dice: inout Dice) -> String {
        guard wrong > 0, dice.permille(600) else { return dice.pick(["RSET", "NOOP", "RSET", "VRFY x", "HELP"]) }
        return dice.pick([
            "EHLO gw.example", "XSECRET", "XYZ 1", "AUTH PLAIN \(Content.secret)", "auth login \(Content.secret)", " AUTH  PLAIN \(Content.secret)",
            "AUTH \(Content.secret)", "STARTTLX", "RCPT TO:<r0.0@early.example>", "DATA", "BDAT 3 LAST\r\nabc", "BDAT x", "a\rb", "a\nQUIT", "\0", "",
            "MAIL FROM:", "RCPT TO:<>",
            "NOOP " + String(repeating: "x", count: 3000), "DATA now", "HELO gw.example", "MAIL FROM:<m0@gw.example>",
        ])
    }
}

extension GatewayPlan.Letter {
    init(_ number: Int, isPipelining: Bool, wrong: Int, _ dice: inout Dice) {
        self.number = number
        self.isPipelined = isPipelining && !dice.permille(100)
        self.hasSender = !dice.permille(100)
        for parameter in [
            ("SIZE", "SIZE=1000"), ("8BITMIME", "BODY=8BITMIME"), ("8BITMIME", "BODY=7BIT"), ("SMTPUTF8", "SMTPUTF8"), ("DSN", "RET=HDRS"),
        ]
        where dice.permille(150) && !(parameter.1.hasPrefix("BODY") && self.parameters.contains { $0.text.hasPrefix("BODY") }) {
            self.parameters.append((needs: parameter.0, text: parameter.1))
        }
        self.recipients = dice.pick([1, 1, 1, 2, 3, 5])
        self.notifies = dice.permille(80)
        self.chunks = dice.permille(350) ? dice.within(1...4) : 0
        self.body = Content.body(number, isRight: !dice.permille(wrong), &dice)
        self.resets = wrong == 0 || !dice.permille(400)
        if dice.permille(60) { self.givesUp = dice.pick(["RSET", "RSET", wrong > 0 ? "EHLO gw.example" : "RSET", wrong > 0 ? "" : "RSET"]) }
        if wrong > 0, dice.permille(wrong) {
            self.fault = dice.pick([.dataUnasked, .noRecipients, .dataTwice, .noopInside, .parametersNotOffered])
        }
    }
}
