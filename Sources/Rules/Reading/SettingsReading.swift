private let day = 86400

extension Fields {
    fileprivate func read(_ key: String, into seconds: inout Int, in range: ClosedRange<Int>) {
        if let value = self[key]?.seconds(in: range) { seconds = value }
    }

    fileprivate func count(_ key: String, into number: inout Int, in range: ClosedRange<Int>) {
        if let value = self[key]?.integer(in: range) { number = value }
    }
}

extension Learning {
    mutating func read(_ table: Fields) {
        if let value = table["enabled"]?.boolean() { self.enabled = value }
        table.read("expires", into: &self.expires, in: 1...3650 * day)
        table.read("heal", into: &self.heal, in: 1...3650 * day)
        table.finish()
    }
}

extension TimeoutSettings {
    mutating func read(_ table: Fields) {
        table.read("connect", into: &self.connect, in: 1...600)
        table.read("greeting", into: &self.greeting, in: 1...3600)
        table.read("command", into: &self.command, in: 1...3600)
        table.read("data", into: &self.data, in: 1...3600)
        table.read("content", into: &self.content, in: 1...3600)
        table.read("done", into: &self.done, in: 1...day)
        table.read("idle", into: &self.idle, in: 1...day)
        // Law 9 bounds it.
        table.read("repair", into: &self.repair, in: 1...120)
        table.read("drain", into: &self.drain, in: 0...3600)
        table.finish()
    }
}

extension LimitSettings {
    mutating func read(_ table: Fields) {
        table.count("sessions", into: &self.sessions, in: 1...1_000_000)
        table.count("sessions-per-gateway", into: &self.sessionsPerGateway, in: 1...1_000_000)
        // An EHLO reply has up to some twenty lines.
        table.count("reply-lines", into: &self.replyLines, in: 32...100_000)
        // RFC 5321 §4.5.3.1.8 asks for 100 at least.
        table.count("recipients", into: &self.recipients, in: 100...1_000_000)
        table.finish()
    }
}
