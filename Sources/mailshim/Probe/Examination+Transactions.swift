import QuirkKit
import SMTPWire

/// RSET, MAIL, RSET, MAIL: no recipient is ever named.
extension Examination {
    func transactions(_ first: ProbeSession) {
        guard let session = self.resetOutside(first) else { return }
        guard self.firstMail(session) else {
            session.leave()
            return
        }
        self.takesMail = true
        guard self.assumed.sendsReset else {
            session.leave()
            return
        }
        var mark = session.lines.count
        guard let reset = session.ask(.rset) else { return }
        self.add(ProbeFinding("RSET in it", reset.verdict, session.lines(since: mark)))
        mark = session.lines.count
        guard reset.isAccepted, let again = session.ask(self.mail) else {
            session.leave()
            return
        }
        if again.isAccepted {
            self.add(ProbeFinding("MAIL after RSET", "accepted", session.lines(since: mark)))
        } else if !self.suspectsLimit(again, "MAIL after RSET", session.lines(since: mark)) {
            self.add(ProbeFinding("MAIL after RSET", again.verdict, session.lines(since: mark)))
        }
        self.leave(session)
    }

    private func leave(_ session: ProbeSession) {
        let mark = session.lines.count
        guard let seen = session.leave() else { return }
        self.add(
            ProbeFinding(
                "QUIT", seen.isAccepted ? "answered" : "not answered: \(seen.words)", session.lines(since: mark)))
    }

    /// RSET where no transaction is open.
    /// - Returns: the connection to go on with; nil: there is none.
    private func resetOutside(_ session: ProbeSession) -> ProbeSession? {
        let mark = session.lines.count
        guard let seen = session.ask(.rset) else { return nil }
        var lines = session.lines(since: mark)
        if seen.isAccepted {
            self.add(ProbeFinding("RSET", "accepted", lines))
            return session
        }
        session.leave()
        guard let next = self.reopen() else {
            self.add(ProbeFinding("RSET", seen.verdict, lines))
            return nil
        }
        guard let verdict = ProbeJudge.verdict(on: seen), !verdict.workarounds.sendsReset else {
            self.add(ProbeFinding("RSET", seen.verdict, lines))
            return next
        }
        // Without it all goes well: that is the proof.
        let again = next.lines.count
        let mail = next.ask(self.mail)
        next.leave()
        lines += ["(another connection)"] + next.lines(since: again)
        let isShown = mail?.isAccepted == true
        if isShown { self.assumed.fold(verdict.workarounds) }
        self.add(
            ProbeFinding(
                "RSET", "\(seen.verdict); without it MAIL is \(isShown ? "accepted" : "not accepted either")", lines,
                isShown ? ProbedQuirk(verdict, seen, isShown: true) : nil))
        return self.reopen()
    }

    /// - Returns: whether the host takes it, from this sender or from another.
    private func firstMail(_ session: ProbeSession) -> Bool {
        let mark = session.lines.count
        guard let seen = session.ask(self.mail) else { return false }
        guard !seen.isAccepted, self.sender.isEmpty else {
            let rest = seen.isAccepted ? "" : "; what comes behind it could not be tried"
            self.add(ProbeFinding("MAIL", seen.verdict + rest, session.lines(since: mark)))
            return seen.isAccepted
        }
        // The null sender alone, or any?
        let other = "postmaster@\(self.plan.name)"
        var facts = seen.facts
        facts.workarounds.nullSender = other
        guard let verdict = ProbeJudge.verdict(on: seen, facts), verdict.quirk.name == "null-sender",
            session.ask("MAIL FROM:<\(other)>")?.isAccepted == true
        else {
            let text = "\(seen.verdict); what comes behind it could not be tried"
            self.add(ProbeFinding("MAIL", text, session.lines(since: mark)))
            return false
        }
        self.sender = other
        var quirk = ProbedQuirk(verdict, seen, isShown: true)
        quirk.choice = "value, an address that discards whatever is sent to it"
        self.add(
            ProbeFinding(
                "MAIL", "the null sender is refused, <\(other)> is accepted", session.lines(since: mark), quirk))
        return true
    }

    /// Whether a refused `MAIL` would be taken for a limit of messages, had those before it been messages. They were
    /// none, so it is no more than a suspicion; and none where a new connection refuses the first `MAIL` too.
    func suspectsLimit(_ seen: Seen, _ name: String, _ lines: [String]) -> Bool {
        var facts = seen.facts
        facts.messages = max(facts.messages, facts.mailsBefore)
        guard facts.mailsBefore > 0, let verdict = ProbeJudge.verdict(on: seen, facts),
            verdict.workarounds.messages != nil,
            verdict.diagnosis.retry == .onNewConnection, let next = self.reopen()
        else { return false }
        let mark = next.lines.count
        let again = next.ask(self.mail)
        let more = next.lines(since: mark)
        next.leave()
        guard again?.isAccepted == true else { return false }
        let most = verdict.setting.options.integer("messages") ?? 1
        let text =
            "refused behind \(most == 1 ? "another" : "\(most) others"), and accepted on a new connection: \(seen.words)"
        self.add(
            ProbeFinding(
                name, text, lines + ["(another connection)"] + more, ProbedQuirk(verdict, seen, isShown: false)))
        return true
    }
}
