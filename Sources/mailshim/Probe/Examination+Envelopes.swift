import QuirkKit
import SMTPWire

/// Repeated EHLO, pipelined groups, parameters of MAIL.
extension Examination {
    /// Mailshim says EHLO once on a state, whatever the gateway does: what a host makes of more is a fact and no quirk.
    func hellos() {
        guard self.assumed.hello == .ehlo, let session = self.reopen() else { return }
        var mark = session.lines.count
        if let again = session.ask("EHLO \(self.plan.name)") {
            let text = again.isAccepted ? "accepted" : "refused: \(again.words); Mailshim never says it twice"
            self.add(ProbeFinding("EHLO again", text, session.lines(since: mark)))
        }
        mark = session.lines.count
        if let helo = session.ask("HELO \(self.plan.name)") {
            self.add(ProbeFinding("HELO", helo.verdict, session.lines(since: mark)))
        }
        session.leave()
    }

    // MARK: Groups

    func groups() {
        guard self.takesMail, self.assumed.sendsReset, !self.report.hasLimit, let session = self.reopen() else {
            return
        }
        guard session.keywords?.contains("PIPELINING") == true else {
            session.leave()
            return
        }
        // It ends with MAIL, where the last of the replies is missed if any is lost.
        let commands = ["RSET", self.mail, "RSET", self.mail].map { Command(line: Array($0.utf8)) }
        let mark = session.lines.count
        let (seen, surplus) = session.group(commands)
        var lines = session.lines(since: mark)
        let name = "pipelined group"
        session.leave()
        if surplus == nil, seen.allSatisfy(\.isAccepted) {
            return self.add(ProbeFinding(name, "\(commands.count) commands, \(commands.count) replies", lines))
        }
        guard
            let cause = (seen.filter { !$0.isAccepted } + [surplus].compactMap { $0 }).first(where: {
                ProbeJudge.verdict(on: $0) != nil
            }),
            let verdict = ProbeJudge.verdict(on: cause), verdict.workarounds.distrusted.contains("PIPELINING")
        else {
            let answers = seen.map(\.words).joined(separator: "; ")
            return self.add(ProbeFinding(name, "not accepted: \(answers)", lines))
        }
        // The same one at a time: that is the proof.
        guard let single = self.reopen() else { return }
        let again = single.lines.count
        let isShown = commands.allSatisfy { single.ask($0)?.isAccepted == true }
        single.leave()
        lines += ["(another connection)"] + single.lines(since: again)
        if isShown { self.assumed.fold(verdict.workarounds) }
        let text =
            "\(verdict.diagnosis.because); one at a time they are \(isShown ? "accepted" : "not accepted either")"
        self.add(ProbeFinding(name, text, lines, isShown ? ProbedQuirk(verdict, cause, isShown: true) : nil))
    }

    // MARK: Parameters

    private static func parameters(offered keywords: Keywords) -> [Parameter] {
        var all: [Parameter] = []
        if keywords.contains("SIZE") { all.append(Parameter("SIZE", "1000")) }
        if keywords.contains("8BITMIME") { all += [Parameter("BODY", "7BIT"), Parameter("BODY", "8BITMIME")] }
        if keywords.contains("AUTH") { all.append(Parameter("AUTH", "<>")) }
        if keywords.contains("DSN") { all.append(Parameter("RET", "HDRS")) }
        if keywords.contains("SMTPUTF8") { all.append(Parameter("SMTPUTF8")) }
        return all
    }

    /// Each that is offered, in a transaction of its own.
    func parameters() {
        guard self.takesMail, !self.report.hasLimit, var session = self.reopen() else { return }
        var accepted: [String] = []
        var start = session.lines.count
        var lines: [String] = []
        for parameter in session.keywords.map(Self.parameters) ?? [] {
            let command = Mail(reversePath: self.sender, parameters: [parameter]).command
            guard let ready = self.idle(session, &lines, &start) else { break }
            session = ready
            let mark = session.lines.count
            guard let seen = session.ask(command) else { break }
            if seen.isAccepted {
                accepted.append(parameter.description)
            } else {
                lines += session.lines(since: start)
                self.judge(seen, parameter, session, mark)
                start = session.lines.count
            }
        }
        lines += session.lines(since: start)
        session.leave()
        guard !accepted.isEmpty else { return }
        self.add(ProbeFinding("parameters", "accepted: \(accepted.joined(separator: ", "))", lines))
    }

    /// A connection on which no transaction is open.
    private func idle(_ session: ProbeSession, _ lines: inout [String], _ start: inout Int) -> ProbeSession? {
        if !session.isOver, !session.isInTransaction { return session }
        if !session.isOver, self.assumed.sendsReset, session.ask(.rset)?.isAccepted == true { return session }
        lines += session.lines(since: start)
        session.leave()
        guard let next = self.reopen() else { return nil }
        start = next.lines.count
        return next
    }

    private func judge(_ seen: Seen, _ parameter: Parameter, _ session: ProbeSession, _ mark: Int) {
        let name = parameter.description
        guard let verdict = ProbeJudge.verdict(on: seen) else {
            if self.suspectsLimit(seen, "MAIL with \(name)", session.lines(since: mark)) { return }
            return self.add(ProbeFinding(name, seen.verdict, session.lines(since: mark)))
        }
        guard verdict.diagnosis.retry == .here, let sent = seen.observation.sent else {
            // Without it MAIL was accepted before.
            self.assumed.fold(verdict.workarounds)
            session.assume(self.assumed)
            return self.add(
                ProbeFinding(
                    name, "offered, and refused: \(seen.words)", session.lines(since: mark),
                    ProbedQuirk(verdict, seen, isShown: true)))
        }
        let plain = sent.without(verdict.workarounds.droppedParameters, where: session.keywords)
        let isShown = session.ask(plain)?.isAccepted == true
        if isShown {
            self.assumed.fold(verdict.workarounds)
            session.assume(self.assumed)
        }
        let text =
            "offered, and refused: \(seen.words); without it MAIL is \(isShown ? "accepted" : "not accepted either")"
        self.add(
            ProbeFinding(
                name, text, session.lines(since: mark), isShown ? ProbedQuirk(verdict, seen, isShown: true) : nil))
    }
}
