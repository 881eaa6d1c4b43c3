import SMTPWire

/// A gateway that does not wait where it has to (law 8). RFC 5321 §4.3.1, RFC 2920 §3.1 (the last command of a group), RFC 4954 §4.
///
/// Hosts that enforce this (Exim's `smtp_enforce_sync`, Postfix's `smtpd_forbid_unauth_pipelining`) see a gateway that Mailshim has put in step, so their
/// protection is kept here. What came behind a DATA is content or nothing: where the DATA is not invited, nothing behind it is read as a command. To have run
/// ahead once is enough, as who does not wait for replies is still sending what it wrote before it knew of any.
extension Session {
    /// Whether the gateway has to wait for a reply before it says anything more.
    private var mustWait: Bool {
        switch self.gateway.phase {
        case .waiting, .opening, .startingTLS, .authenticating(_, awaits: .remote): true
        case .commands:
            self.waiting?.command.endsGroup == true || self.remote.connection.flight.awaitsInvitation
        case .securing, .authenticating(_, awaits: .gateway), .data, .chunk, .holdingEnd, .final, .relaying, .ending, .over: false
        }
    }

    /// Whether it said one command behind another though no PIPELINING was offered. That alone is harmless.
    private var isGrouping: Bool {
        guard case .commands = self.gateway.phase, self.gateway.shown?.contains("PIPELINING") != true else { return false }
        return self.waiting != nil || self.remote.connection.flight.owesGateway
    }

    /// Takes note of octets that came before their turn.
    mutating func watchTurn() {
        guard self.gateway.saysMore else { return }
        if self.mustWait { self.gateway.isAhead = true }
        if self.isGrouping { self.gateway.isGrouping = true }
    }

    /// A command is read: one more of a group that was not offered, or the first that came in its turn.
    mutating func watchTurn(of command: Command) {
        if self.gateway.isGrouping, command.verb == "DATA" { self.gateway.isAhead = true }
        if !self.gateway.saysMore { self.gateway.isGrouping = false }
        self.watchTurn()
    }

    /// DATA was answered, and not by 354.
    mutating func notInvited() {
        self.gateway.followsRefusedData = true
        if self.gateway.isAhead { self.endOutOfTurn("DATA was not invited") }
    }

    /// AUTH failed: what follows may be the answers to its challenges.
    mutating func authenticationFailed() {
        if self.gateway.isAhead { self.endOutOfTurn("AUTH failed") }
    }

    /// A line that is no command: content, where a DATA before it was refused, or where it hides one.
    /// True: the session is over.
    mutating func endsAsContent(_ command: Command) -> Bool {
        guard self.gateway.followsRefusedData || (command.hasBareLineEnd && (self.gateway.isAhead || command.mayHideContent)) else { return false }
        self.endOutOfTurn("a line may be mail data")
        return true
    }

    private mutating func endOutOfTurn(_ why: String) {
        guard case .commands = self.gateway.phase else { return }
        let because = "the gateway did not wait for replies, and \(why): nothing more is read"
        self.log(.gatewayFault(because: because))
        self.tell(self.outOfTurn)
        self.finish(because: because, by: .gateway)
    }

    /// Another protocol, or the header of a message.
    mutating func refuseForeign() {
        self.log(.gatewayFault(because: "a line of another protocol, or of a message: nothing more is read"))
        self.tell(self.notSMTP)
        self.finish(because: "not SMTP", by: .gateway)
    }

    /// A command that is the gateway's own fault: answered here, and counted.
    mutating func blame(_ reply: Reply) {
        self.tell(reply)
        self.gateway.faults += 1
    }

    /// Once a command was performed. One without a fault ends the row.
    /// - Parameter before: the faults in a row before it.
    mutating func countFaults(since before: Int) {
        guard self.gateway.faults > before else { return self.gateway.faults = 0 }
        guard self.gateway.faults >= Limits.faults, case .commands = self.gateway.phase else { return }
        self.log(.gatewayFault(because: "\(Limits.faults) errors in a row"))
        self.tell(self.tooManyFaults)
        self.finish(because: "\(Limits.faults) errors in a row", by: .gateway)
    }
}

extension Command {
    /// Whether the gateway has to wait for its reply, whatever was offered. NOOP and the like are taken in groups too: nothing depends on their replies.
    fileprivate var endsGroup: Bool {
        switch self.body {
        case .ehlo, .helo, .data, .quit, .starttls, .auth: true
        case .malformed: ["DATA", "AUTH"].contains(self.verb)
        case .mail, .rcpt, .bdat, .rset, .noop, .vrfy, .expn, .help, .other: false
        }
    }
}
