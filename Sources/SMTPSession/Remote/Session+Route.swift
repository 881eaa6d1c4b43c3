import SMTPWire

/// A remote that is known only at the first RCPT: until then greeting, EHLO and `MAIL` are answered here.
extension Session {
    /// What every host may be trusted with; what the remote lacks of it is dealt with by adaptation, in 4xx where it cannot be said.
    mutating func helloBeforeRoute(_ command: Command) {
        let own = Keywords(Reply(250, "\(self.settings.hostname)\nPIPELINING\n8BITMIME\nENHANCEDSTATUSCODES"))
        self.gateway.hello = command
        self.gateway.shown = own
        if case .ehlo = command.body { self.tell(own.reply) } else { self.tell(Reply(250, self.settings.hostname)) }
    }

    mutating func askRoute(_ command: Command, _ recipient: Recipient) {
        guard let domain = recipient.domain else {
            return self.refuse(recipient, Reply(501, "5.1.3 a recipient needs a domain"))
        }
        self.remote.route = .asking
        self.transaction?.envelope.append(.init(command: command, state: .unsent, told: false))
        self.out.append(.route(domain: domain))
    }

    mutating func routed(_ answer: RouteAnswer) {
        guard self.remote.route == .asking else { return }
        self.remote.route = .atRecipient
        switch answer {
        case .failed(let reply):
            guard case .rcpt(let recipient) = self.transaction?.envelope.removeLast()?.command.body else { return self.tell(reply) }
            self.refuse(recipient, reply)
        case .remote(let name):
            if name != self.remote.name { self.remote = self.remote.replaced(by: name) }
            self.refold()
            self.reconnect(for: nil)
        }
    }
}
