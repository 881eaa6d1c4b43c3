import Rules
import SMTPWire

/// A gateway like Exim: it sends all its messages on one connection, with no `RSET` after one that went well, and with one after one that did not.
struct TinyGateway {
    /// A message, and what became of it.
    struct Letter {
        let sender: String
        let subject: String
    }

    enum Fate: Hashable {
        case delivered
        /// For good, with the reply that did it.
        case bounced(String)
        /// Tried again later.
        case queued(String)
    }

    /// Something said, and the reply to it.
    struct Exchange {
        /// Empty before the greeting.
        let said: [String]
        let heard: Reply
    }

    let name = "gateway.example"
    let recipient = "you@example.net"

    /// - Parameter show: told of each exchange as it happens.
    func send(_ letters: [Letter], to endpoint: SocketEndpoint, show: (Exchange) -> Void) throws(CallFault) -> [Fate] {
        let call = try Call(to: endpoint, patience: 30)
        show(Exchange(said: [], heard: try call.hear()))
        func ask(_ lines: String...) throws(CallFault) -> Reply {
            let reply = try call.ask(lines)
            show(Exchange(said: lines, heard: reply))
            return reply
        }
        _ = try ask("EHLO \(self.name)")
        var fates: [Fate] = []
        for letter in letters {
            let fate = try self.send(letter, ask)
            fates.append(fate)
            if fate != .delivered, letter.subject != letters.last?.subject { _ = try ask("RSET") }
        }
        _ = try ask("QUIT")
        return fates
    }

    private func send(_ letter: Letter, _ ask: (String...) throws(CallFault) -> Reply) throws(CallFault) -> Fate {
        for command in ["MAIL FROM:<\(letter.sender)>", "RCPT TO:<\(self.recipient)>", "DATA"] {
            let reply = try ask(command)
            guard reply.isPositive || reply.isIntermediate else { return Fate(reply) }
        }
        return Fate(try ask("Subject: \(letter.subject)", "."))
    }
}

extension TinyGateway.Fate {
    init(_ reply: Reply) {
        self = reply.isPositive ? .delivered : reply.isPermanent ? .bounced(reply.line) : .queued(reply.line)
    }
}
