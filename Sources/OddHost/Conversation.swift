import NIOCore

/// One connection as the host sees it: no socket and no clock, so that what a host does can be read in one place.
struct Conversation {
    let behaviour: Behaviour
    let number: Int
    let peer: SocketAddress?
    private(set) var keywords: [String]
    private let tls: HostTLS?
    private(set) var isEncrypted = false
    /// Challenges of AUTH that are still to be said.
    private var challenges: [String]?
    private var isAuthenticated = false
    /// Lines of AUTH, taken by whoever keeps them.
    private var credentials: [String] = []
    private(set) var mails = 0
    private(set) var messages = 0

    private var counts: [Verb: Int] = [:]
    private var greeted = false
    private var unwelcome = false
    /// A message was finished, and nothing has made the host forget it.
    private var stuck = false
    private var sender: Path?
    /// `sender` is that of a message already finished (the trap of law 4).
    private var stale = false
    private var refusedSender: String?
    private var recipients: [String] = []
    private var chunks: ByteBuffer?
    private var chunkSize = 0
    private var chunk: (line: String, last: Bool)?

    /// Set once at the end of each message, taken by whoever keeps messages.
    private(set) var finished: Message?

    init(_ behaviour: Behaviour, number: Int, peer: SocketAddress?) {
        self.behaviour = behaviour
        self.number = number
        self.peer = peer
        let offers = behaviour.offers.isEmpty ? [] : behaviour.offers[(number - 1) % behaviour.offers.count]
        self.tls = behaviour.tls.flatMap { $0.connections(number) ? $0 : nil }
        let showsStartTLS = self.tls.map { !$0.isImplicit && !$0.isStripped } ?? false
        self.keywords = showsStartTLS ? offers + ["STARTTLS"] : offers
    }

    mutating func takeFinished() -> Message? {
        defer { self.finished = nil }
        return self.finished
    }

    // MARK: What is heard

    mutating func greet() -> [Step] { self.hear(.connect, "") }

    mutating func refuse() -> [Step] { [.say(self.behaviour.refusal), .close] }

    mutating func takeCredentials() -> [String] {
        defer { self.credentials = [] }
        return self.credentials
    }

    /// TLS stands: what was said before is forgotten (RFC 3207 §4.2).
    mutating func encrypted() {
        self.isEncrypted = true
        self.greeted = false
        self.keywords = self.keywords.filter { $0 != "STARTTLS" } + (self.tls?.keywords ?? [])
        self.reset()
    }

    mutating func command(_ line: String) -> [Step] {
        if self.challenges != nil {
            self.credentials.append(line)
            return self.hear(.auth, line)
        }
        let verb = Verb(line)
        guard verb == .bdat else { return self.hear(verb, line) }
        let words = line.split(separator: " ")
        guard words.count > 1, let size = Int(words[1]), size >= 0 else { return [.say("501 5.5.4 Syntax: BDAT size [LAST]")] }
        self.chunk = (line, words.count > 2 && words[2].uppercased() == "LAST")
        return [.takeChunk(size)]
    }

    mutating func chunkEnded(_ octets: ByteBuffer, size: Int) -> [Step] {
        guard let (line, last) = self.chunk else { return [] }
        self.chunk = nil
        if self.chunks == nil { self.chunks = octets } else { self.chunks?.writeImmutableBuffer(octets) }
        self.chunkSize += size
        let steps = self.hear(.bdat, line)
        let unanswered = steps.allSatisfy { if case .pause = $0 { true } else { false } }
        guard last, unanswered, let octets = self.chunks else { return steps }
        return steps + self.end(octets, size: self.chunkSize, chunked: true)
    }

    mutating func contentEnded(_ octets: ByteBuffer, size: Int) -> [Step] { self.end(octets, size: size, chunked: false) }

    /// The rest of this content gets no answer: it had one.
    mutating func contentAnswered(_ octets: ByteBuffer, size: Int, _ reply: String) {
        self.finish(octets, size, chunked: false, reply)
    }

    private mutating func hear(_ verb: Verb, _ line: String) -> [Step] {
        self.carryOut(self.deed(verb, line), verb, line)
    }

    private mutating func deed(_ verb: Verb, _ line: String) -> Deed {
        self.counts[verb, default: 0] += 1
        let moment = Moment(
            verb: verb, line: line, connection: self.number, count: self.counts[verb] ?? 1, mails: self.mails, messages: self.messages)
        let exception = self.behaviour.exceptions.first { $0.matches(moment) }?.deed ?? .usual
        if exception != .usual { return exception }
        return self.behaviour.shape.deed(at: moment, self.stuck) ?? .usual
    }

    // MARK: Deeds

    private mutating func carryOut(_ deed: Deed, _ verb: Verb, _ line: String) -> [Step] {
        switch deed {
        case .usual:
            return self.usual(verb, line, text: nil)
        case .accept(let text):
            return self.usual(verb, line, text: text)
        case .acceptAndClose(let delay):
            return self.usual(verb, line, text: nil) + (delay == .zero ? [.leave] : [.pause(delay), .leave])
        case .reply(let text):
            self.refused(verb, line, text)
            return [.say(text)]
        case .raw(let octets):
            return [.raw(octets)]
        case .nothing:
            self.refused(verb, line, "")
            return []
        case .close(let text):
            return (text.map { [.say($0)] } ?? []) + [text == nil ? .leave : .close]
        case .abort(let text):
            return (text.map { [.say($0)] } ?? []) + [.abort]
        case .wait(let delay, let then):
            return [.pause(delay)] + self.carryOut(then, verb, line)
        }
    }

    /// A command that had no effect leaves traces too.
    private mutating func refused(_ verb: Verb, _ line: String, _ text: String) {
        switch verb {
        case .mail: if self.sender != nil { self.refusedSender = Path(line).text }
        case .connect: self.unwelcome = text.hasPrefix("5") || text.hasPrefix("4")
        case .bdat: self.forget()
        case .auth: self.challenges = nil
        default: break
        }
    }

    /// What a healthy host does, in the given words.
    private mutating func usual(_ verb: Verb, _ line: String, text: String?) -> [Step] {
        switch verb {
        case .connect:
            let greeting = text ?? self.behaviour.greeting
            self.unwelcome = greeting.map { !$0.hasPrefix("2") } ?? false
            return greeting.map { [.say($0)] } ?? []
        case .quit:
            return [.say(text ?? "221 2.0.0 Bye"), .leave]
        case _ where self.unwelcome:
            return [.say("503 5.5.1 No SMTP service here")]
        case .ehlo, .helo:
            self.greeted = true
            self.reset()
            let lines = verb == .ehlo ? [self.behaviour.hostname] + self.keywords : [self.behaviour.hostname]
            return [.say(text ?? lines.map { "250 \($0)" }.joined(separator: "\n"))]
        case .starttls:
            guard let tls = self.tls, !tls.isImplicit, !tls.isStripped, !self.isEncrypted else {
                return [.say("500 5.5.2 Error: command not recognized")]
            }
            return [.raw((text ?? "220 2.0.0 Ready to start TLS") + "\r\n" + (tls.injects ?? "")), .startTLS]
        case .auth:
            return self.authenticate(line, text)
        case .mail:
            guard self.isAuthenticated || !self.behaviour.needsAuthentication else { return [.say("530 5.7.0 Authentication required")] }
            return self.mail(Path(line), text)
        case .rcpt:
            return self.rcpt(Path(line), text)
        case .data:
            guard self.sender != nil else { return [.say("503 5.5.1 Error: need MAIL command")] }
            guard !self.recipients.isEmpty || self.behaviour.takesDataWithoutRecipients else { return [.say("503 5.5.1 Error: need RCPT command")] }
            return [.say(text ?? "354 End data with <CR><LF>.<CR><LF>"), .takeContent]
        case .bdat:
            guard self.sender != nil, !self.recipients.isEmpty else { self.forgetChunks(); return [.say("503 5.5.1 Error: need MAIL and RCPT")] }
            let last = line.uppercased().hasSuffix(" LAST")
            return last ? [] : [.say(text ?? "250 2.0.0 Ok: \(self.chunkSize) octets")]
        case .endOfData:
            return [.say(text ?? self.verdict)]
        case .rset:
            self.reset()
            return [.say(text ?? "250 2.0.0 Ok")]
        case .noop:
            return [.say(text ?? "250 2.0.0 Ok")]
        case .other:
            return [.say(text ?? "500 5.5.2 Error: command not recognized")]
        }
    }

    private mutating func authenticate(_ line: String, _ text: String?) -> [Step] {
        if self.challenges == nil {
            let words = line.split(separator: " ")
            guard self.keywords.contains(where: { $0.hasPrefix("AUTH") }), words.count > 1, let mechanism = Mechanism(rawValue: words[1].uppercased())
            else { return [.say("504 5.5.4 Unrecognized authentication type")] }
            self.credentials.append(line)
            self.challenges = mechanism.challenges(hasInitialResponse: words.count > 2, connection: self.number)
        }
        guard self.challenges?.isEmpty == true else { return [.say(self.challenges?.removeFirst() ?? "334 ")] }
        self.challenges = nil
        self.isAuthenticated = true
        return [.say(text ?? "235 2.7.0 Authentication successful")]
    }

    private mutating func mail(_ path: Path, _ text: String?) -> [Step] {
        guard self.greeted else { return [.say("503 5.5.1 Error: send HELO first")] }
        guard self.sender == nil || self.stale else { return [.say("503 5.5.1 Error: nested MAIL command")] }
        if let parameter = path.unsupported(by: self.keywords) { return [.say("555 5.5.4 Unsupported option: \(parameter)")] }
        self.sender = path
        self.stale = false
        self.refusedSender = nil
        self.recipients = []
        self.forgetChunks()
        self.mails += 1
        return [.say(text ?? "250 2.1.0 Ok")]
    }

    private mutating func rcpt(_ path: Path, _ text: String?) -> [Step] {
        guard self.sender != nil else { return [.say("503 5.5.1 Error: need MAIL command")] }
        if let parameter = path.unsupported(by: self.keywords) { return [.say("555 5.5.4 Unsupported option: \(parameter)")] }
        self.recipients.append(path.text)
        return [.say(text ?? "250 2.1.5 Ok")]
    }

    // MARK: The end of a message

    private var verdict: String {
        self.recipients.isEmpty ? "554 5.5.1 Error: no valid recipients" : "250 2.0.0 Ok: queued as \(self.number)-\(self.messages + 1)"
    }

    private mutating func end(_ octets: ByteBuffer, size: Int, chunked: Bool) -> [Step] {
        let steps = self.carryOut(self.deed(.endOfData, ""), .endOfData, "")
        let reply = steps.lazy.compactMap { step -> String? in if case .say(let text) = step { text } else { nil } }.first
        self.finish(octets, size, chunked: chunked, reply)
        return steps
    }

    private mutating func finish(_ octets: ByteBuffer, _ size: Int, chunked: Bool, _ reply: String?) {
        let message = Message(
            connection: self.number, peer: self.peer, sender: self.sender?.text ?? "", recipients: self.recipients,
            parameters: self.sender?.parameters ?? [], content: Array(octets.readableBytesView), size: size, chunked: chunked, reply: reply,
            refusedSender: self.refusedSender)
        self.finished = message
        if message.accepted {
            self.messages += 1
            self.stuck = true
        }
        self.stale = self.behaviour.keepsOldSender
        if !self.stale { self.sender = nil }
        self.recipients = []
        self.forgetChunks()
    }

    /// `RSET`, or EHLO in its place.
    private mutating func reset() {
        self.stuck = false
        self.stale = false
        self.forget()
    }

    private mutating func forget() {
        self.sender = nil
        self.refusedSender = nil
        self.recipients = []
        self.forgetChunks()
    }

    private mutating func forgetChunks() {
        self.chunks = nil
        self.chunkSize = 0
    }
}
