import NIOCore
import QuirkKit
import SMTPSession
import SMTPWire

/// A session of three messages with a host that refuses one of them, always in the same words, at one moment.
struct Play {
    enum Moment: Character, Sendable { case greeting = "G", hello = "E", mail = "M", rcpt = "R", data = "D", end = "F" }

    /// Which message, whether `MAIL`, `RCPT` and DATA come as a group, and whether the host closes behind its reply.
    struct Variant: Sendable {
        let message: Int
        let isGrouped: Bool
        let closes: Bool

        static func all(at moment: Moment) -> [Variant] {
            let messages = moment == .greeting || moment == .hello ? [1] : [1, 2]
            return messages.flatMap { message in
                [false, true].flatMap { isGrouped in [false, true].map { Variant(message: message, isGrouped: isGrouped, closes: $0) } }
            }
        }
    }

    /// When the host refuses: a message of the variant; or what a repair changes, so that it works.
    enum Condition: String, Sendable {
        case message
        /// On a connection that has taken a message.
        case used
        /// A command with parameters.
        case parameters
        case always
    }

    struct Outcome: Equatable {
        /// What the host heard, connection by connection.
        var host: [String] = []
        var gateway = ""
        var learned: [String] = []
    }

    private let reply: String
    private let moment: Moment
    private let variant: Variant
    private let condition: Condition
    private var codec: SessionCodec
    private var now = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private var outcome = Outcome()
    /// Commands that the host has not answered yet, and whether it is in the middle of mail data.
    private var unheard = ""
    private var isInData = false
    private var sender = ""
    private var hasRecipient = false
    private var taken = 0
    private var isConnected = false
    /// Its close is not told yet.
    private var hasLeft = false
    private var isOver = false
    /// Of the reply that the gateway heard last.
    private var lastCode = 0

    init(_ reply: String, at moment: Moment, _ variant: Variant, catalogue: [any Quirk], where condition: Condition = .message) {
        (self.reply, self.moment, self.variant, self.condition) = (reply, moment, variant, condition)
        self.codec = SessionCodec(Session(settings: Settings(hostname: "shim.test"), catalogue: catalogue))
    }

    mutating func run() -> Outcome {
        self.tell(.opened(Opening(remote: "192.0.2.1:25")))
        self.tell(.profile(Profile()))
        self.say("EHLO gateway.example")
        for number in 1...3 {
            let envelope = ["MAIL FROM:<\(number)@example.org> SIZE=100", "RCPT TO:<b@example.net>", "DATA"]
            if self.variant.isGrouped { self.say(envelope.joined(separator: "\r\n")) } else { for command in envelope { self.say(command) } }
            if self.lastCode == 354 { self.say("Subject: x\r\n\r\nx\r\n.") } else { self.say("RSET") }
        }
        self.say("QUIT")
        return self.outcome
    }

    private mutating func say(_ text: String) {
        guard !self.isOver else { return }
        self.outcome.gateway += "[\(text.prefix(4))] "
        self.codec.read(ByteBuffer(string: text + "\r\n"), from: .gateway)
        self.drive()
    }

    private mutating func tell(_ event: Event) {
        self.carryOut(self.codec.receive(event, at: self.now))
        self.drive()
    }

    private mutating func drive() {
        for _ in 0..<10_000 {
            if let actions = self.codec.next(at: self.now) {
                self.carryOut(actions)
            } else if self.hasLeft {
                self.hasLeft = false
                self.carryOut(self.codec.receive(.closed(.remote), at: self.now))
            } else if !self.answer() {
                return
            }
        }
    }

    private mutating func carryOut(_ actions: [Action]) {
        for action in actions {
            switch action {
            case .send(let bytes, .gateway):
                self.outcome.gateway += String(buffer: bytes)
                self.lastCode = Int(String(buffer: bytes).prefix(3)) ?? 0
            case .send(let bytes, .remote):
                self.outcome.host[self.outcome.host.count - 1] += String(buffer: bytes)
                self.unheard += String(buffer: bytes)
            case .connect: self.connect()
            case .close(.gateway), .abort(.gateway): self.isOver = true
            case .close(.remote), .abort(.remote): self.leave()
            case .note(.found(let finding)): self.outcome.learned.append(finding.quirk.name)
            case .note(.asksProbe): self.carryOut(self.codec.receive(.probe(granted: false), at: self.now))
            case .sendSecret, .sendWhenDrained, .secure, .relay, .lookUp, .route, .note, .log, .count: break
            }
        }
    }

    // MARK: The host

    private mutating func connect() {
        self.outcome.host.append("")
        self.hasLeft = false
        (self.isConnected, self.unheard, self.isInData, self.sender, self.hasRecipient, self.taken) = (true, "", false, "", false, 0)
        self.carryOut(self.codec.receive(.connected(), at: self.now))
        self.reply(self.moment == .greeting ? self.reply : "220 mx.example.net ESMTP", closes: self.moment == .greeting && self.variant.closes)
    }

    /// The session has let the connection go; the host closes its half too. Told once all that came before is heard, and not where another is asked for.
    private mutating func leave() {
        guard self.isConnected else { return }
        (self.isConnected, self.hasLeft) = (false, true)
    }

    /// What the host makes of the next thing it heard. False: there is none.
    private mutating func answer() -> Bool {
        guard self.isConnected else { return false }
        if self.isInData {
            guard let end = self.unheard.range(of: ".\r\n") else { return false }
            self.unheard.removeSubrange(..<end.upperBound)
            self.isInData = false
            let isRefused = self.refuses(.end)
            if !isRefused { self.taken += 1 }
            (self.sender, self.hasRecipient) = ("", false)
            self.reply(isRefused ? self.reply : "250 2.0.0 queued", closes: isRefused && self.variant.closes)
            return true
        }
        guard let end = self.unheard.range(of: "\r\n") else { return false }
        let line = String(self.unheard[..<end.lowerBound])
        self.unheard.removeSubrange(..<end.upperBound)
        self.hear(line)
        return true
    }

    private mutating func hear(_ line: String) {
        switch line.prefix(4).uppercased() {
        case "EHLO":
            let isRefused = self.moment == .hello
            self.reply(
                isRefused ? self.reply : "250-mx.example.net\n250-PIPELINING\n250-SIZE\n250 8BITMIME", closes: isRefused && self.variant.closes)
        case "MAIL":
            self.sender = String(line.drop { $0 != "<" }.dropFirst().prefix { $0 != "@" })
            if self.refuses(.mail, line) { return self.refuse() }
            self.reply("250 2.1.0 Ok")
        case "RCPT":
            if self.sender.isEmpty { return self.reply("503 5.5.1 need MAIL first") }
            if self.refuses(.rcpt) { return self.reply(self.reply, closes: self.variant.closes) }
            self.hasRecipient = true
            self.reply("250 2.1.5 Ok")
        case "DATA":
            if !self.hasRecipient { return self.reply("503 5.5.1 need RCPT first") }
            if self.refuses(.data) { return self.reply(self.reply, closes: self.variant.closes) }
            self.isInData = true
            self.reply("354 go ahead")
        case "RSET":
            (self.sender, self.hasRecipient) = ("", false)
            self.reply("250 2.0.0 Ok")
        case "QUIT": self.reply("221 2.0.0 bye", closes: true)
        default: self.reply("250 2.0.0 Ok")
        }
    }

    private func refuses(_ moment: Moment, _ line: String = "") -> Bool {
        guard self.moment == moment else { return false }
        return switch self.condition {
        case .message: self.sender == String(self.variant.message)
        case .used: self.taken > 0
        case .parameters: line.contains("> ")
        case .always: true
        }
    }

    private mutating func refuse() {
        self.sender = ""
        self.reply(self.reply, closes: self.variant.closes)
    }

    private mutating func reply(_ text: String, closes: Bool = false) {
        guard self.isConnected else { return }
        let lines = text.split(separator: "\n").map(String.init)
        self.codec.read(ByteBuffer(bytes: Refusal.octets(of: lines.strict) + [0x0D, 0x0A]), from: .remote)
        if closes {
            self.codec.ended(.remote)
            self.leave()
        }
        while let actions = self.codec.next(at: self.now) { self.carryOut(actions) }
    }
}

extension [String] {
    /// In the form of RFC 5321 §4.2.1: all lines but the last with a hyphen behind the code.
    fileprivate var strict: String {
        let code = self.first?.prefix(3) ?? "250"
        return self.enumerated().map { index, line in
            let text = line.prefix(3).allSatisfy(\.isNumber) ? line.dropFirst(4) : line[...]
            return "\(code)\(index == self.count - 1 ? " " : "-")\(text)"
        }.joined(separator: "\r\n")
    }
}
