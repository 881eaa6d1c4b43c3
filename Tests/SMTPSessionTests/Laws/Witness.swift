/// A strict reader of one SMTP conversation (RFC 5321, RFC 3030): what is said on one side, what is answered on the other, and what a server would understand of it.
///
/// It is used at three places: for what the gateway says and hears, for what Mailshim says and hears on each connection to the remote, and within each host.
struct Witness {
    enum Mode: Equatable {
        case commands
        /// Between 354 and the final dot.
        case data
        case chunk(left: Int)
        /// An answer to a challenge of AUTH.
        case response
        /// TLS, or the end: what follows is not read.
        case over
    }

    struct Reply {
        let code: Int
        let text: String
        /// When it was heard.
        let step: Int

        var isPositive: Bool { self.code / 100 == 2 }
    }

    /// What has one reply.
    struct Exchange {
        enum Kind { case greeting, line, tooLong, chunk, end, response }
        let kind: Kind
        let line: SpokenLine
        /// When its last octet was said.
        let said: Int
        /// In `messages`, of an end of data.
        var message: Int?
        var octets: [UInt8] = []
        var reply: Reply?

        var verb: String {
            switch self.kind {
            case .greeting: "greeting"
            case .tooLong: "?"
            case .end: "."
            case .response: "response"
            case .line, .chunk: self.line.verb
            }
        }
    }

    struct Envelope {
        let mail: SpokenLine
        var accepted: [SpokenLine] = []
        /// As it was said: with dots doubled, where it is not chunked.
        var content: [UInt8] = []
        var isChunked = false

        var message: Int? { self.accepted.first?.message ?? self.mail.message }
    }

    struct Message {
        let envelope: Envelope
        /// When the last octet of its end was said.
        let ended: Int
        let exchange: Int
        var reply: Reply?
    }

    private(set) var takesChunks: Bool
    private(set) var mode = Mode.commands
    private(set) var isSecured = false
    /// The greeting comes first: it answers the connection.
    private(set) var exchanges = [Exchange(kind: .greeting, line: SpokenLine([]), said: 0)]
    /// So many of the exchanges have their last reply.
    private(set) var answered = 0
    private(set) var open: Envelope?
    private(set) var messages: [Message] = []
    /// A reply that nothing had been said for, or that came before the end of what it answers.
    private(set) var unasked: Reply?
    private var waiting: [UInt8] = []
    private var start = 0
    private var data: [UInt8] = []
    private var searched = 0
    private var chunk = SpokenLine([])
    private var isSwallowing = false

    init(takesChunks: Bool = true) { self.takesChunks = takesChunks }

    /// Octets that were said and mean nothing yet.
    var unread: Int { self.waiting.count - self.start }
    var owed: ArraySlice<Exchange> { self.exchanges[self.answered...] }
    var isInContent: Bool {
        switch self.mode {
        case .data, .chunk: true
        case .commands, .response, .over: false
        }
    }
    /// Content of which no end was said: the envelope as it stood, and the octets.
    var unfinished: (envelope: Envelope?, octets: [UInt8])? {
        switch self.mode {
        case .data: return (self.open, self.data)
        case .chunk:
            var open = self.open
            open?.isChunked = true
            return (open, (self.open?.content ?? []) + self.data)
        case .commands, .response, .over: return self.open.flatMap { $0.content.isEmpty ? nil : ($0, $0.content) }
        }
    }

    /// Whether what follows cannot be understood before a reply has come.
    var isStalled: Bool {
        guard self.answered < self.exchanges.count, let last = self.exchanges.last else { return false }
        return ["DATA", "STARTTLS", "AUTH", "response"].contains(last.verb)
    }

    mutating func over() { self.mode = .over }

    /// TLS stands: what was said before it and not read is gone, and so is the transaction (RFC 3207 §4.2).
    mutating func secured(takesChunks: Bool = true) {
        self.takesChunks = takesChunks
        self.isSecured = true
        self.mode = .commands
        (self.waiting, self.start, self.searched, self.isSwallowing) = ([], 0, 0, false)
        (self.open, self.data) = (nil, [])
    }
}

// MARK: What is said

extension Witness {
    mutating func hear(_ octets: [UInt8], at step: Int) {
        self.waiting += octets
        self.read(at: step)
    }

    private mutating func read(at step: Int) {
        while self.unread > 0 || self.mode == .chunk(left: 0) {
            switch self.mode {
            case .over: self.start = self.waiting.count
            case .commands, .response: guard !self.isStalled, self.readLine(at: step) else { return self.tidy() }
            case .data: guard self.readData(at: step) else { return self.tidy() }
            case .chunk(let left): self.readChunk(left, at: step)
            }
        }
        self.tidy()
    }

    private mutating func tidy() {
        guard self.start == self.waiting.count || self.start > 4096 else { return }
        self.waiting.removeFirst(self.start)
        self.start = 0
        self.searched = 0
    }

    private mutating func readLine(at step: Int) -> Bool {
        var index = max(self.start, self.searched - 1)
        let limit = self.mode == .response || self.beginsWithAuth ? 12288 : 2048
        let end = self.isSwallowing ? self.waiting.count : min(self.waiting.count, self.start + limit)
        while index + 1 < end {
            if self.waiting[index] == 0x0D, self.waiting[index + 1] == 0x0A {
                let line = Array(self.waiting[self.start..<index])
                self.start = index + 2
                self.searched = 0
                if self.isSwallowing { self.isSwallowing = false } else { self.understand(line, at: step) }
                return true
            }
            index += 1
        }
        self.searched = end
        guard !self.isSwallowing, self.unread >= limit else { return false }
        self.isSwallowing = true
        self.searched = 0
        self.exchanges.append(Exchange(kind: .tooLong, line: SpokenLine([]), said: step))
        return true
    }

    private var beginsWithAuth: Bool {
        guard self.unread > 2047 else { return false }
        let head = self.waiting[self.start..<self.start + 5]
        return String(decoding: head.dropLast(), as: UTF8.self).uppercased() == "AUTH" && (head.last == 0x20 || head.last == 0x09)
    }

    private mutating func understand(_ octets: [UInt8], at step: Int) {
        let line = SpokenLine(octets)
        if self.mode == .response {
            self.mode = .commands
            self.exchanges.append(Exchange(kind: .response, line: line, said: step))
        } else if self.takesChunks, let chunk = line.chunk {
            self.chunk = line
            self.data = []
            self.mode = .chunk(left: chunk.count)
        } else {
            self.exchanges.append(Exchange(kind: .line, line: line, said: step))
        }
    }

    private mutating func readChunk(_ left: Int, at step: Int) {
        let count = min(left, self.unread)
        self.data += self.waiting[self.start..<self.start + count]
        self.start += count
        guard count == left else { return self.mode = .chunk(left: left - count) }
        self.mode = .commands
        self.exchanges.append(Exchange(kind: .chunk, line: self.chunk, said: step, octets: self.data))
        self.data = []
        self.takeChunk()
    }

    /// A chunk belongs to the transaction that stands when all before it is answered.
    private mutating func takeChunk() {
        guard self.answered < self.exchanges.count, self.exchanges[self.answered].kind == .chunk, self.exchanges[self.answered].message == nil else {
            return
        }
        let chunk = self.exchanges[self.answered]
        self.open?.content += chunk.octets
        self.open?.isChunked = true
        self.exchanges[self.answered].octets = []
        guard chunk.line.chunk?.isLast == true, let open else { return }
        self.exchanges[self.answered].message = self.messages.count
        self.messages.append(Message(envelope: open, ended: chunk.said, exchange: self.answered))
    }

    /// Only CRLF.CRLF ends a message; the line break before the content counts.
    private mutating func readData(at step: Int) -> Bool {
        self.data += self.waiting[self.start...]
        self.start = self.waiting.count
        var index = max(0, self.searched - 4)
        while index + 2 < self.data.count {
            let isLineStart = index == 0 || (index >= 2 && self.data[index - 2] == 0x0D && self.data[index - 1] == 0x0A)
            if isLineStart, self.data[index] == 0x2E, self.data[index + 1] == 0x0D, self.data[index + 2] == 0x0A {
                let rest = Array(self.data[(index + 3)...])
                self.open?.content = Array(self.data[..<index])
                var end = Exchange(kind: .end, line: SpokenLine([]), said: step)
                if let open {
                    end.message = self.messages.count
                    self.messages.append(Message(envelope: open, ended: step, exchange: self.exchanges.count))
                }
                self.exchanges.append(end)
                self.mode = .commands
                self.waiting = rest
                self.start = 0
                self.searched = 0
                self.data = []
                return true
            }
            index += 1
        }
        self.searched = self.data.count
        return false
    }
}

// MARK: What is answered

extension Witness {
    /// False: there was nothing to answer.
    @discardableResult
    mutating func hear(reply code: Int, _ text: String, at step: Int) -> Bool {
        let reply = Reply(code: code, text: text, step: step)
        guard self.answered < self.exchanges.count else {
            self.unasked = self.unasked ?? reply
            return false
        }
        let index = self.answered
        self.exchanges[index].reply = reply
        self.answered += 1
        let exchange = self.exchanges[index]
        if let message = exchange.message { self.messages[message].reply = reply }
        switch exchange.verb {
        case "MAIL": self.open = reply.isPositive ? Envelope(mail: exchange.line) : nil
        case "RCPT": if reply.isPositive { self.open?.accepted.append(exchange.line) }
        case "DATA" where code / 100 == 3:
            self.mode = .data
            self.data = []
            self.searched = 0
        case "RSET", ".": self.open = nil
        case "EHLO", "HELO": if reply.isPositive { self.open = nil }
        case "BDAT" where exchange.kind == .chunk: if !reply.isPositive || exchange.line.chunk?.isLast == true { self.open = nil }
        case "AUTH", "response": if code == 334 { self.mode = .response }
        case "STARTTLS": if reply.isPositive { self.mode = .over }
        default: break
        }
        self.takeChunk()
        self.read(at: step)
        return true
    }
}
