import QuirkKit
import SMTPWire

/// What quirks are told, what they make of it, and what holds for the connection that stands.
extension Session {
    var workarounds: Workarounds { self.remote.layers.workarounds }

    var facts: Facts {
        var workarounds = self.workarounds
        workarounds.tls = self.remote.fallback
        return Facts(
            connection: self.remote.connection.number, mails: self.remote.connection.mails, mailsBefore: self.remote.connection.mailsBefore,
            messages: self.remote.connection.messages,
            isReused: self.remote.connection.isReused, followsReset: self.remote.connection.mailFollowedReset,
            transactionLeftOpen: self.remote.connection.transactionLeftOpen,
            followsRefusal: self.remote.connection.followsRefusal,
            mailAccepted: self.transaction?.mail == .accepted, recipientsAccepted: self.transaction?.accepted ?? 0,
            recipientsBefore: max(0, self.remote.connection.recipients - (self.transaction?.accepted ?? 0)),
            keywords: self.remote.connection.keywords,
            isEncrypted: self.remote.connection.security != nil, demandsTLS: self.remote.profile.tls.level >= .required,
            abilities: self.remote.profile.abilities, group: self.remote.connection.flight.group, alongside: self.remote.connection.alongside, workarounds: workarounds)
    }

    /// Whether anybody wants to know: what nobody watches is not even put into words.
    func isWatched(_ moment: Observation.Moment, _ kind: Answer.Kind) -> Bool { self.catalogue.watches.contains(moment, kind) }

    /// What the quirks make of an observation: the first of the catalogue that recognises itself.
    /// - Parameter isTooLate: nothing can be done again, so no bound on that matters.
    func diagnosis(of seen: Observation, isTooLate: Bool = false) -> (quirk: String, diagnosis: Diagnosis)? {
        guard self.isWatched(seen.moment, seen.answer.kind) else { return nil }
        let facts = self.facts
        for (name, quirk) in zip(self.catalogue.names, self.catalogue.quirks) where quirk.watches.contains(seen.moment, seen.answer.kind) {
            guard !self.remote.layers.ignored.contains(name), let diagnosis = quirk.diagnose(seen, facts) else { continue }
            if isTooLate || self.mayAct(on: diagnosis, of: name) { return (name, diagnosis) }
        }
        return nil
    }

    /// At most three repairs and two new connections a transaction (law 9), none twice for the same quirk, and none that failed at this host within the hour.
    private func mayAct(on diagnosis: Diagnosis, of quirk: String) -> Bool {
        guard diagnosis.retry != .none else { return true }
        guard !self.remote.profile.barred.contains(quirk) else { return false }
        return self.transaction?.mayTry(diagnosis.retry, QuirkSetting(quirk, diagnosis.options)) ?? true
    }

    // MARK: Layers

    mutating func refold() {
        self.remote.layers.fold(
            self.catalogue, demandsTLS: self.remote.profile.tls.level >= .required,
            announced: self.remote.connection.keywords?.limits)
        self.remote.connection.unused = self.workarounds.unusedKeywords
    }

    /// The host did well: noted once a session.
    mutating func noteAbility(_ ability: Ability) {
        guard self.remote.shownAbilities.insert(ability).inserted else { return }
        self.note(.did(ability))
    }

    /// A repair takes a quirk for granted.
    mutating func assume(_ quirk: String, _ options: Options) {
        self.remote.layers.add(QuirkSetting(quirk, options), .assumed)
        self.refold()
    }

    /// What a repair took for granted ended in a like refusal: it is not tried again at this host for an hour.
    mutating func bar(_ quirk: String) {
        self.remote.profile.barred.insert(quirk)
        self.note(.failed(quirk: quirk))
    }

    mutating func withdraw(_ quirk: String) {
        self.remote.layers.withdraw(quirk)
        self.refold()
    }

    /// What one success proves holds for the rest of this session, whatever the learned store makes of it.
    mutating func prove(_ finding: Finding) {
        self.remote.layers.add(finding.quirk, .provedHere)
        self.refold()
    }

    // MARK: Probes: doing without a learned quirk, to see whether it is still needed

    /// Whether a session has to ask before the quirk's workaround is used.
    func mustAskProbe(_ quirk: String) -> Bool {
        guard self.remote.layers.isDueForProbe(quirk) else { return false }
        return switch self.remote.probe {
        case .unasked, .asking: true
        case .denied, .running: false
        }
    }

    mutating func askProbe(_ quirk: String) {
        self.remote.probe = .asking(quirk: quirk)
        self.note(.asksProbe(quirk: quirk))
    }

    mutating func probeAnswered(_ granted: Bool) {
        guard case .asking(let quirk) = self.remote.probe else { return }
        self.remote.probe = granted ? .running(quirk: quirk, connection: self.remote.connection.number) : .denied
        self.remote.layers.probe(granted ? quirk : nil)
        self.refold()
        guard let hello = self.waitingHello else { return self.begin() }
        if self.remote.connection.state == .ready { return self.sayFirstHello(hello) }
        self.chooseFallback()
        self.proceed()
    }

    /// The connection did what the quirk says it cannot do.
    mutating func acquit(_ seen: Observation) {
        guard case .running(let name, self.remote.connection.number) = self.remote.probe, let quirk = self.catalogue[name],
            quirk.acquittals.contains(seen.moment, seen.answer.kind), quirk.acquits(seen, self.facts)
        else { return }
        self.note(.clean(quirk: name))
        self.endProbe()
    }

    /// For the rest of the session the quirk is taken for granted again.
    mutating func endProbe() {
        guard case .running = self.remote.probe else { return }
        self.remote.probe = .denied
        self.remote.layers.probe(nil)
        self.refold()
    }
}
