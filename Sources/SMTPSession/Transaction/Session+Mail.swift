import NIOCore
import QuirkKit
import SMTPWire

/// `MAIL`: where a message gets its connection, and where the quirks of re-use are at work (docs/quirks.md section 2).
extension Session {
    mutating func mail(_ command: Command) {
        guard !self.gateway.mustClose else {
            self.tell(self.stopped)
            return self.finish(because: "shutting down")
        }
        if self.gateway.mustSayHello { return self.blame(self.needHello) }
        // Without it there is no STARTTLS.
        if self.gateway.hello == nil, self.remote.profile.tls.level >= .required, self.remote.profile.tls.manner == .starttls {
            return self.blame(self.needHello)
        }
        guard self.gateway.seenDomains.count < Self.domains else {
            self.tell(self.newSessionNeeded)
            return self.finish(because: "rules were asked about \(Self.domains) recipient domains")
        }
        if case .mail(let mail) = command.body, mail.parameter("REQUIRETLS") != nil, self.gateway.shown?.contains("REQUIRETLS") != true {
            return self.tell(self.requireTLSNotOffered)
        }
        if self.hasShownTooMuch {
            self.tell(self.newSessionNeeded)
            return self.finish(because: "what was offered does not work")
        }
        if let open = self.transaction {
            if open.mail == .accepted, open.failed == nil {
                self.remote.connection.transactionLeftOpen = true
                self.remote.connection.holdsTransaction = self.remote.connection.state == .ready
            }
            self.conclude(open)
        }
        self.transaction = Transaction(mail: command, at: self.now)
        self.remote.connection.mailsBefore = self.remote.connection.mails
        if self.remote.route == .atRecipient {
            self.retire()
            self.transaction?.envelope[0].state = .accepted
            self.transaction?.envelope[0].told = true
            return self.tell(Reply(250, "2.1.0 Ok"))
        }
        self.begin()
    }

    /// Sends the transaction's `MAIL`, on a new connection where this one is over or spent.
    mutating func begin() {
        guard let transaction = self.transaction else { return }
        if let shortfall = self.shortfall(of: self.remote.profile.tls) {
            self.transaction?.envelope[0].state = .refused
            self.transaction?.envelope[0].told = true
            self.refuseTransaction(shortfall)
            return self.tell(shortfall)
        }
        if let refusal = exchange(&self.remote.dueRefusal, with: nil).map({ self.rewritten($0, at: .mail) }) {
            self.transaction?.envelope[0].state = .refused
            self.transaction?.envelope[0].told = true
            self.refuseTransaction(refusal)
            self.tell(refusal)
            return self.lastWords(refusal)
        }
        guard self.remote.connection.state == .ready, !self.remote.connection.isDistrusted else {
            if let name = exchange(&self.remote.spentQuirk, with: nil) { self.use(name) }
            if let cause = self.remote.dueCause { self.transaction?.tries(.onNewConnection, cause.setting) }
            return self.reconnect(for: self.remote.dueCause)
        }
        if let name = self.spentBy() {
            if self.mustAskProbe(name) { return self.askProbe(name) }
            self.use(name)
            return self.reconnect(for: nil)
        }
        if let name = self.probeDue(at: transaction.envelope[0].command) { return self.askProbe(name) }
        if self.mustNotCarry(transaction.envelope[0].command) {
            self.tell(self.newSessionNeeded)
            return self.finish(because: "a keyword that was shown is not used any more")
        }
        guard self.wording(of: transaction.envelope[0].command) != nil else {
            let refusal = self.cannotExpress(transaction.envelope[0].command.text)
            self.tell(refusal)
            return self.endTransaction(refusal)
        }
        if self.remote.connection.holdsTransaction {
            return self.workarounds.sendsReset ? self.resetOpenTransaction() : self.reconnect(for: nil)
        }
        guard self.workarounds.resetsBeforeMail, self.remote.connection.messages > 0, !self.remote.connection.endsInReset,
            let name = self.remote.layers.quirk(behind: \.resetsBeforeMail)
        else { return self.sendMail() }
        if self.mustAskProbe(name) { return self.askProbe(name) }
        self.sendResetBeforeMail(name)
    }

    /// `sticky-sender`: in the same segment where the remote takes groups, else one after the other.
    private mutating func sendResetBeforeMail(_ quirk: String) {
        guard let mail = self.transaction?.envelope.first?.command else { return }
        self.use(quirk)
        self.log(
            .quirk(
                name: quirk, connection: self.remote.connection.number, did: "sent RSET before \(mail.text)",
                because: "the host keeps the sender of the message before"))
        guard self.remote.connection.offersPipelining else { return self.send(Command.rset, .precedent, isAlone: true) }
        self.send(Command.rset, .swallow)
        self.sendMail()
    }

    /// The quirk by which the connection that stands takes no further `MAIL`.
    func spentBy() -> String? {
        guard let limit = self.workarounds.messages, self.remote.connection.mails >= limit else { return nil }
        // Where no RSET may be said, what a RSET would have done is a connection's limit.
        return self.remote.layers.quirk(behind: \.messages) ?? self.remote.layers.quirk(behind: \.sendsReset)
    }

    /// `MAIL` in an open transaction, which is the gateway's fault: some hosts say 250 to it and keep the recipients of the transaction before.
    private mutating func resetOpenTransaction() {
        self.log(.gatewayFault(because: "MAIL in an open transaction: RSET goes first"))
        self.send(Command.rset, .precedent, isAlone: true)
    }

    /// The reply to what goes before a `MAIL`. Where an open transaction was not reset, the `MAIL` needs another connection.
    mutating func precedentAnswered(_ reply: Reply, to command: Command) {
        guard self.transaction != nil else { return }
        if exchange(&self.remote.connection.holdsTransaction, with: false), !reply.isPositive {
            self.resetRefused(.reply(reply), to: command)
            return self.begin()
        }
        self.sendMail()
    }

    /// A quirk that applies does its work for this message.
    mutating func use(_ quirk: String) {
        self.transaction?.credit(quirk)
        self.note(.used(quirk: quirk))
    }

    mutating func sendMail() {
        guard let mail = self.transaction?.envelope.first?.command, let command = self.wording(of: mail) else { return }
        self.transaction?.envelope[0].state = .sent
        self.noteRewordings(of: mail)
        self.send(command, .envelope(0), isAlone: self.remote.connection.mustSendMailAlone)
    }

    /// Whether this `MAIL` needs a keyword that the gateway was shown and that is not made use of any more: only a new session can tell it.
    private func mustNotCarry(_ command: Command) -> Bool {
        guard !self.workarounds.distrusted.isEmpty, case .mail(let mail) = command.body else { return false }
        return mail.parameter("BODY")?.value?.uppercased() == "BINARYMIME" && self.workarounds.distrusted.contains("CHUNKING")
            && self.gateway.shown?.contains("BINARYMIME") == true
    }

    /// The remote took this transaction's `MAIL`.
    mutating func mailAccepted(_ sent: Command, _ reply: Reply) {
        self.acquit(Observation(.reply(reply), to: sent))
        if self.remote.connection.messages > 0 { self.remote.connection.isReused = true }
        self.remote.connection.transactionLeftOpen = false
        self.confirmSuspicions()
    }

    /// The first `MAIL` of a connection is accepted: a sender that was refused behind a message was not refused for itself.
    private mutating func confirmSuspicions() {
        guard !self.remote.profile.suspicions.isEmpty, self.remote.connection.mails == 1,
            case .mail(let mail)? = self.transaction?.envelope[0].command.body,
            let index = self.remote.profile.suspicions.firstIndex(where: { $0.sender == mail.reversePath })
        else { return }
        self.note(.found(self.remote.profile.suspicions.remove(at: index)))
    }

    /// After a completed message: a connection that is known to take no further one is ended now, while the gateway thinks.
    mutating func retireIfSpent() {
        guard self.remote.connection.state == .ready, let name = self.spentBy(), !self.mustAskProbe(name) else { return }
        self.remote.spentQuirk = name
        self.retire()
    }
}
