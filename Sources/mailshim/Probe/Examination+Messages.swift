import Glibc
import QuirkKit
import SMTPWire

/// `--send-to`: two small messages, of which the second begins without RSET; what a host makes of it is the founding
/// family (docs/quirks.md section 2).
extension Examination {
    func messages() {
        guard let recipient = self.plan.recipient, self.takesMail, var session = self.reopen() else { return }
        let from = self.plan.sender.isEmpty ? self.sender : self.plan.sender
        var start = session.lines.count
        if let refused = self.deliver(session, to: recipient, from: from) {
            session.leave()
            let text = "\(refused.verdict); what comes behind it could not be tried"
            return self.add(ProbeFinding("message 1", text, session.lines(since: start)))
        }
        self.add(ProbeFinding("message 1", "accepted", session.lines(since: start)))
        start = session.lines.count
        var lines: [String] = []
        var tried: Set<String> = []
        var cause: (verdict: ProbeJudge.Verdict, seen: Seen)?
        while let refused = self.deliver(
            session, to: recipient, from: from, reset: cause?.verdict.workarounds.resetsBeforeMail == true)
        {
            // A RSET that did not help: what was refused before it is asked about again.
            let seen = refused.observation.moment == .reset ? cause?.seen ?? refused : refused
            guard let verdict = ProbeJudge.verdict(on: seen, except: tried), verdict.diagnosis.retry != .none,
                tried.count < 3
            else {
                session.leave()
                return self.add(ProbeFinding("message 2", refused.verdict, lines + session.lines(since: start)))
            }
            tried.insert(verdict.quirk.name)
            cause = (verdict, seen)
            guard verdict.diagnosis.retry == .onNewConnection || session.isOver else { continue }
            lines += session.lines(since: start) + ["(another connection)"]
            session.leave()
            guard let next = self.reopen() else { return }
            session = next
            start = session.lines.count
        }
        lines += session.lines(since: start)
        guard let cause else {
            self.add(ProbeFinding("message 2", "accepted, without RSET before it", lines))
            return self.behindMessages(session)
        }
        // What one sight does not prove is looked at once more, where the message before is again in the way.
        let verdict = cause.verdict
        let again = verdict.counts || verdict.workarounds.resetsBeforeMail ? nil : session.ask(self.mail)
        let isShown = verdict.counts || again.flatMap { ProbeJudge.verdict(on: $0) }?.setting == verdict.setting
        lines += again == nil ? [] : Array(session.lines.suffix(2))
        session.leave()
        let how = verdict.workarounds.resetsBeforeMail ? "with RSET before it" : "on a new connection"
        // Where nothing is counted the host may be right: it was busy, or its time was over.
        let quirk = verdict.diagnosis.counts.map { _ in ProbedQuirk(verdict, cause.seen, isShown: isShown) }
        self.add(ProbeFinding("message 2", "\(cause.seen.verdict); accepted \(how)", lines, quirk))
    }

    /// RSET and MAIL behind the second message.
    private func behindMessages(_ session: ProbeSession) {
        defer { session.leave() }
        let mark = session.lines.count
        guard self.assumed.sendsReset, let reset = session.ask(.rset) else { return }
        let last = reset.isAccepted ? session.ask(self.mail) ?? reset : reset
        let lines = session.lines(since: mark)
        let name = "RSET, MAIL behind them"
        guard !last.isAccepted, let verdict = ProbeJudge.verdict(on: last), verdict.diagnosis.retry == .onNewConnection,
            verdict.diagnosis.counts != nil, let next = self.reopen()
        else { return self.add(ProbeFinding(name, last.verdict, lines)) }
        let start = next.lines.count
        let isShown = next.ask(self.mail)?.isAccepted == true
        next.leave()
        self.add(
            ProbeFinding(
                name, "\(last.verdict); on a new connection MAIL is \(isShown ? "accepted" : "not accepted either")",
                lines + ["(another connection)"] + next.lines(since: start),
                isShown ? ProbedQuirk(verdict, last, isShown: true) : nil))
    }

    /// One message. Content follows only where its own envelope was accepted.
    /// - Returns: what was refused; nil: it was accepted.
    private func deliver(_ session: ProbeSession, to recipient: String, from sender: String, reset: Bool = false)
        -> Seen?
    {
        for command in (reset ? ["RSET"] : []) + ["MAIL FROM:<\(sender)>", "RCPT TO:<\(recipient)>", "DATA"] {
            let isLast = command == "DATA"
            guard let seen = session.ask(command) else { return self.ended(session) }
            guard isLast ? seen.reply?.isIntermediate == true : seen.reply?.isPositive == true else { return seen }
        }
        let number = self.report.messages + 1
        guard let end = session.content(self.letter(number, to: recipient, from: sender)) else {
            return self.ended(session)
        }
        guard end.isAccepted else { return end }
        self.report.messages = number
        return nil
    }

    private func ended(_ session: ProbeSession) -> Seen {
        Seen(observation: Observation(.closed(after: .zero), to: nil), facts: Facts(workarounds: self.assumed))
    }

    private func letter(_ number: Int, to recipient: String, from sender: String) -> [String] {
        [
            "Date: \(Self.date)", "From: <\(sender.isEmpty ? "postmaster@\(self.plan.name)" : sender)>",
            "To: <\(recipient)>",
            "Subject: mailshim probe, message \(number) of 2",
            "Message-ID: <mailshim-probe-\(number)-\(UInt64.random(in: 0 ... .max))@\(self.plan.name)>",
            "Auto-Submitted: auto-generated", "", "Sent by mailshim probe. Nothing has to be done.",
        ]
    }

    /// Now, as RFC 5322 §3.3 writes it.
    private static var date: String {
        var (now, parts) = (time(nil), tm())
        gmtime_r(&now, &parts)
        var text = [CChar](repeating: 0, count: 64)
        strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S +0000", &parts)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
