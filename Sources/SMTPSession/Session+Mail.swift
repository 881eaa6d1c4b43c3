import NIOCore
import QuirkKit
import SMTPWire

/// `MAIL`: where a message gets its connection, and where the quirks of re-use are at work (docs/quirks.md section 2).
extension Session {
    mutating func mail(_ command: Command) {
        guard !self.isStopping else {
            self.tell(self.stopped)
            return self.finish(because: "shutting down")
        }
        if self.gateway.mustSayHello { return self.blame(self.needHello) }
        // Without it there is no STARTTLS.
        if self.gateway.hello == nil, self.profile.tls.level >= .required, self.profile.tls.manner == .starttls { return self.blame(self.needHello) }
        guard self.seenDomains.count < Self.domains else {
            self.tell(self.newSessionNeeded)
            return self.finish(because: "rules were asked about \(Self.domains) recipient domains")
        }
        if case .mail(let mail) = command.body, mail.parameter("REQUIRETLS") != nil, self.gateway.shown?.contains("REQUIRETLS") != true {
            return self.tell(self.requireTLSNotOffered)
        }
        if let open = self.transaction {
            if open.mail == .accepted, open.failed == nil {
                self.link.isUnclean = true
                self.link.holdsTransaction = self.link.state == .ready
            }
            self.conclude(open)
        }
        self.transaction = Transaction(mail: command, at: self.now)
        if self.route == .atRecipient {
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
        if let shortfall = self.shortfall(of: self.profile.tls) {
            self.transaction?.envelope[0].state = .refused
            self.refuseTransaction(shortfall)
            return self.tell(shortfall)
        }
        if let refusal = exchange(&self.dueRefusal, with: nil) {
            self.transaction?.envelope[0].state = .refused
            self.refuseTransaction(refusal)
            self.tell(refusal)
            return self.lastWords(refusal, disconnects: false)
        }
        guard self.link.state == .ready, !self.link.isSick else {
            if let name = exchange(&self.spentBy, with: nil) { self.use(name) }
            return self.reconnect(for: self.dueCause)
        }
        if let (name, _) = self.quirks.spent(self.facts) {
            switch self.leave(toDoWithout: name) {
            case .ask: return self.askProbe(name)
            case .granted: break
            case .none:
                self.use(name)
                return self.reconnect(for: nil)
            }
        }
        let command = transaction.envelope[0].command
        guard let adapted = self.adapted(command) else {
            self.tell(self.cannotExpress(command.text))
            return self.endTransaction(self.cannotExpress(command.text))
        }
        let consultation = self.consult(adapted)
        switch consultation {
        case .send(let final), .sendBehind(_, let final):
            if self.link.holdsTransaction { return self.resetOpenTransaction(before: final) }
            guard case .sendBehind(let precedent, _) = consultation else { return self.sendMail(final) }
            self.transaction?.envelope[0] = .init(command: final, state: .unsent, told: false)
            if self.link.offersPipelining, precedent == .rset {
                self.send(precedent, .swallow)
                self.sendMail(final)
            } else {
                self.send(precedent, .precedent, isAlone: true)
            }
        case .answer(let reply):
            self.tell(reply)
            self.endTransaction(reply)
            self.lastWords(reply, disconnects: false)
        case .asking: break
        }
    }

    /// `MAIL` in an open transaction, which is the gateway's fault: some hosts say 250 to it and keep the recipients of the transaction before.
    private mutating func resetOpenTransaction(before mail: Command) {
        self.log(.gatewayFault(because: "MAIL in an open transaction: RSET goes first"))
        self.transaction?.envelope[0] = .init(command: mail, state: .unsent, told: false)
        self.send(Command.rset, .precedent, isAlone: true)
    }

    /// The reply to what goes before a `MAIL`. Where an open transaction was not reset, the `MAIL` needs another connection.
    mutating func precedentAnswered(_ reply: Reply, to command: Command) {
        guard let mail = self.transaction?.envelope.first else { return }
        if exchange(&self.link.holdsTransaction, with: false), !reply.isPositive {
            self.resetRefused(.reply(reply), to: command)
            return self.begin()
        }
        self.sendMail(mail.command)
    }

    /// A quirk that applies does its work for this message.
    private mutating func use(_ quirk: String) {
        self.transaction?.credit(quirk)
        self.note(.used(quirk: quirk))
    }

    mutating func sendMail(_ command: Command) {
        self.transaction?.envelope[0] = .init(command: command, state: .sent, told: false)
        let isAlone = self.link.mustSendMailAlone
        self.send(command, .envelope(0), isAlone: isAlone)
    }

    /// The remote took this transaction's `MAIL`.
    mutating func mailAccepted() {
        if self.link.messages > 0, !self.link.isReused {
            self.link.isReused = true
            if case .running(let quirk, let link) = self.probe, link == self.link.number {
                self.note(.clean(quirk: quirk))
                self.probe = .denied
            }
        }
        self.link.isUnclean = false
        self.confirmSuspicions()
    }

    /// The first `MAIL` of a connection is accepted: a sender that was refused behind a message was not refused for itself.
    private mutating func confirmSuspicions() {
        guard !self.profile.suspicions.isEmpty, self.link.mails == 1, case .mail(let mail)? = self.transaction?.envelope[0].command.body,
            let index = self.profile.suspicions.firstIndex(where: { $0.sender == mail.reversePath })
        else { return }
        self.note(.found(self.profile.suspicions.remove(at: index)))
    }

    /// After a completed message: a connection that is known to take no further one is ended now, while the gateway thinks.
    mutating func retireIfSpent() {
        guard self.link.state == .ready, let (name, _) = self.quirks.spent(self.facts), case .none = self.leave(toDoWithout: name) else { return }
        self.spentBy = name
        self.retire()
    }
}

/// Doing without a learned quirk, to see whether it is still needed (docs/design.md, healing).
extension Session {
    enum Leave: Hashable { case none, ask, granted }

    func leave(toDoWithout quirk: String) -> Leave {
        guard self.profile.applied.contains(where: { $0.setting.name == quirk && $0.isDueForProbe }) else { return .none }
        return switch self.probe {
        case .unasked, .asking: .ask
        case .denied: .none
        case .running(let running, let link): running == quirk && link == self.link.number ? .granted : .none
        }
    }

    mutating func askProbe(_ quirk: String) {
        self.probe = .asking(quirk: quirk)
        self.note(.asksProbe(quirk: quirk))
    }

    mutating func probeAnswered(_ granted: Bool) {
        guard case .asking(let quirk) = self.probe else { return }
        self.probe = granted ? .running(quirk: quirk, link: self.link.number) : .denied
        if self.gateway.waitingHello == nil { return self.begin() }
        self.chooseRung()
        self.proceed()
    }
}
