/// What became of one message for one recipient, from the worst to the best.
enum Fate: Int, Comparable {
    /// Returned to its sender.
    case bounced
    /// Still with the gateway.
    case deferred
    case delivered

    static func < (left: Fate, right: Fate) -> Bool { left.rawValue < right.rawValue }
}

/// A message and the place of a recipient among its.
struct Copy: Hashable, Comparable, CustomStringConvertible {
    let message: Int
    let recipient: Int

    var description: String { "message \(self.message) for recipient \(self.recipient)" }

    static func < (left: Copy, right: Copy) -> Bool {
        (left.message, left.recipient) < (right.message, right.recipient)
    }
}

/// How a session came out, for its gateway and for its host.
struct Story {
    var fates: [Copy: Fate] = [:]
    /// Contents that the gateway ended, and that hosts took, by message, without their dots.
    var said: [Int: [UInt8]] = [:]
    var arrived: [Int: [[UInt8]]] = [:]
    /// Commands, by connection.
    var heard: [[String]] = []

    init() {}

    init(gateway: Witness, plan: GatewayPlan, hosts: [Witness]) {
        for letter in plan.letters where letter.givesUp == nil {
            for recipient in 0..<letter.recipients {
                self.fates[Copy(message: letter.number, recipient: recipient)] = gateway.fate(
                    of: letter.number, recipient)
            }
        }
        for message in gateway.messages { self.said[message.envelope.message ?? 0] = message.envelope.plainContent }
        for host in hosts {
            for message in host.messages where message.reply?.isPositive == true {
                self.arrived[message.envelope.message ?? 0, default: []].append(message.envelope.plainContent)
            }
            self.heard.append(host.lawfulLines)
        }
    }
}

extension GatewayPlan {
    var letters: [Letter] { self.parts.compactMap { if case .letter(let letter) = $0 { letter } else { nil } } }

    /// The same gateway with this message alone.
    func alone(_ number: Int) -> GatewayPlan {
        var plan = self
        plan.parts = self.parts.filter { part in
            switch part {
            case .letter(let letter): letter.number == number
            case .line: false
            case .hello, .startTLS, .authenticate, .quit: true
            }
        }
        return plan
    }
}

extension Witness {
    /// Each letter says one `MAIL`, and each is known by its recipients.
    fileprivate func fate(of message: Int, _ recipient: Int) -> Fate {
        guard let start = self.start(of: message), let mail = self.exchanges[start].reply else { return .deferred }
        guard mail.isPositive else { return mail.fate }
        let end = self.exchanges[(start + 1)...].firstIndex { $0.verb == "MAIL" } ?? self.exchanges.count
        let own = self.exchanges[start..<end]
        guard let rcpt = own.first(where: { $0.line.path?.hasPrefix("r\(message).\(recipient)@") == true })?.reply
        else { return .deferred }
        guard rcpt.isPositive else { return rcpt.fate }
        for exchange in own where ["DATA", "BDAT", "."].contains(exchange.verb) {
            guard let reply = exchange.reply else { return .deferred }
            if exchange.isEnd { return reply.isPositive ? .delivered : reply.fate }
            if reply.code >= 400 { return reply.fate }
        }
        return .deferred
    }

    /// Where the `MAIL` of a message stands: its sender names it, or the recipients behind it.
    private func start(of message: Int) -> Int? {
        let mails = self.exchanges.indices.filter { self.exchanges[$0].verb == "MAIL" }
        return mails.first { index in
            if let path = self.exchanges[index].line.path, !path.isEmpty { return path.hasPrefix("m\(message)@") }
            let next = self.exchanges[(index + 1)...].first { ["RCPT", "MAIL"].contains($0.verb) }
            return next?.line.path?.hasPrefix("r\(message).") == true
        }
    }

    /// What law 6 holds a host to: without the `NOOP`s outside of transactions, which are answered by Mailshim, without
    /// what cannot come to anything, because
    /// `MAIL` or all `RCPT`s were refused, and without a `QUIT`, which Mailshim says for who leaves without.
    fileprivate var lawfulLines: [String] {
        var (isOpen, hasRefusedChunk) = (false, false)
        var lines = self.exchanges.compactMap { exchange -> String? in
            let reply = exchange.reply
            if reply.map({ ["MAIL first", "no recipients", "no transaction"].contains(where: $0.text.hasPrefix) })
                == true
            {
                return nil
            }
            switch exchange.verb {
            case "greeting": return nil
            case "NOOP" where !isOpen: return nil
            case "MAIL": (isOpen, hasRefusedChunk) = (reply?.isPositive == true, false)
            case "RSET", ".", "EHLO", "HELO": (isOpen, hasRefusedChunk) = (false, false)
            case "BDAT" where hasRefusedChunk: return nil
            case "BDAT":
                hasRefusedChunk = reply?.isPositive == false
                if exchange.isEnd || hasRefusedChunk { isOpen = false }
            default: break
            }
            return exchange.kind == .end ? "." : exchange.line.octets.shown
        }
        if lines.last == "QUIT" { lines.removeLast() }
        return lines
    }
}

extension Witness.Envelope {
    fileprivate var plainContent: [UInt8] { self.isChunked ? self.content : self.content.undotted }
}

extension Witness.Reply {
    fileprivate var fate: Fate { self.code >= 500 ? .bounced : .deferred }
}
