import OpenSSLTLS
import QuirkKit
import Rules
import SMTPWire
import StandardQuirks

/// What a probe is to do.
struct ProbePlan {
    let endpoint: SocketEndpoint
    /// Behind EHLO.
    let name: String
    /// The sender in `MAIL`; "" is the null one.
    let sender: String
    /// Whom two messages are sent to; nil: none is sent.
    let recipient: String?
    /// Seconds for each connection and each reply.
    let patience: Int
}

/// The sequences that a probe tries, in their order. Each that could upset a host has a connection of its own; what one
/// shows to be needed (HELO, clear text, no RSET) the next ones do. Blocks its thread.
final class Examination {
    let plan: ProbePlan
    var report: ProbeReport
    /// What was found to be needed.
    var assumed = Workarounds()
    var usesTLS = false
    /// Whether the host took a `MAIL` with `sender`.
    var takesMail = false
    /// The sender that it takes.
    var sender: String
    private let progress = ProbeProgress()
    private var count = 0

    init(_ plan: ProbePlan) {
        self.plan = plan
        self.sender = plan.sender
        self.report = ProbeReport(plan.endpoint)
    }

    /// - Throws: only where no connection came about.
    func run() throws(CallFault) -> ProbeReport {
        defer { self.progress.clear() }
        let session = try self.first()
        self.report.connections = self.count
        guard let session else { return self.report }
        self.transactions(session)
        self.hellos()
        self.groups()
        self.parameters()
        self.messages()
        self.report.connections = self.count
        return self.report
    }

    var mail: String { "MAIL FROM:<\(self.sender)>" }

    func add(_ finding: ProbeFinding) { self.report.findings.append(finding) }

    // MARK: Connections

    /// The first connection, made ready for a transaction. Nil: there is none; the report says why.
    private func first() throws(CallFault) -> ProbeSession? {
        var session = try self.connect()
        self.report.address = session.address
        let greeting = session.greeting()
        if case .timedOut = greeting.observation.answer, let next = self.spokenTo(session, greeting) {
            session = next
        } else {
            self.add(self.finding(on: greeting, session.lines))
            guard greeting.isAccepted else {
                session.leave()
                return nil
            }
        }
        self.report.isProbed = true
        guard let greeted = self.firstHello(session) else { return nil }
        // Each of ours answers this by itself.
        if let name = greeted.ask(.noopMailshim)?.reply?.mailshim {
            self.report.mailshim = name
            greeted.leave()
            return nil
        }
        return self.firstTLS(greeted.isOver ? self.reopen(beforeTLS: true) ?? greeted : greeted)
    }

    private func connect() throws(CallFault) -> ProbeSession {
        self.count += 1
        let host = self.report.address.isEmpty ? self.plan.endpoint.host : self.report.address
        let call = try Call(to: SocketEndpoint(host: host, port: self.plan.endpoint.port), patience: self.plan.patience)
        return ProbeSession(call, number: self.count, self.assumed, self.progress)
    }

    /// Another connection, ready for a transaction in the way that the host was found to need. Nil, with a note: it
    /// does not come about.
    /// - Parameter beforeTLS: as it is before STARTTLS.
    func reopen(beforeTLS: Bool = false) -> ProbeSession? {
        let session: ProbeSession
        do throws(CallFault) { session = try self.connect() } catch { return self.isWithout(error.description, []) }
        guard self.isGreeted(session) else { return self.isWithout("it was not greeted", session) }
        guard let hello = self.hello(session), hello.isAccepted else {
            return self.isWithout("EHLO was refused", session)
        }
        guard self.usesTLS, !beforeTLS else { return session }
        if case .failed(let failure) = self.startTLS(session) { return self.isWithout(failure.because, session) }
        return session
    }

    private func isWithout(_ because: String, _ session: ProbeSession) -> ProbeSession? {
        session.leave()
        return self.isWithout(because, session.lines)
    }

    private func isWithout(_ because: String, _ lines: [String]) -> ProbeSession? {
        let text = "refused: \(because); what was to be tried on it is not known"
        self.add(ProbeFinding("connection \(self.count)", text, lines))
        return nil
    }

    /// EHLO, or what the host was found to need. Nil: the connection has ended.
    func hello(_ session: ProbeSession) -> Seen? {
        let text = "\(self.assumed.hello == .helo ? "HELO" : "EHLO") \(self.plan.name)"
        guard self.assumed.speaksFirst != nil, session.lines.isEmpty else { return session.ask(text) }
        return session.askBeforeGreeting(text)
    }

    /// Whether the host greets, where that is waited for.
    private func isGreeted(_ session: ProbeSession) -> Bool {
        self.assumed.speaksFirst != nil || session.greeting().isAccepted
    }

    // MARK: Greeting and EHLO

    /// Whether a host that does not greet answers where it is spoken to. By its look it may as well be slow, so no
    /// diagnosis knows it.
    /// - Returns: another connection, on which nothing was said yet.
    private func spokenTo(_ silent: ProbeSession, _ greeting: Seen) -> ProbeSession? {
        guard let quirk = StandardQuirks.catalogue.first(where: { $0.workarounds([:]).speaksFirst != nil }),
            let next = try? self.connect()
        else { return nil }
        let isAnswered = next.askBeforeGreeting("EHLO \(self.plan.name)")?.isAccepted == true
        next.leave()
        guard isAnswered, let again = try? self.connect() else { return nil }
        self.assumed.fold(quirk.workarounds([:]))
        let because = "no greeting within \(self.plan.patience) s; EHLO without one is answered"
        self.add(
            ProbeFinding(
                "greeting", because, silent.lines + ["(another connection)"] + next.lines,
                ProbedQuirk(byRule: QuirkSetting(quirk.name), greeting, because: because)))
        return again
    }

    private func finding(on greeting: Seen, _ lines: [String]) -> ProbeFinding {
        guard let reply = greeting.reply, greeting.isAccepted else {
            return ProbeFinding("greeting", "refused, or none: \(greeting.words)", lines)
        }
        let text = reply.lines.count > 1 ? "\(reply.lines.count) lines" : "one line"
        guard let verdict = ProbeJudge.verdict(on: greeting) else { return ProbeFinding("greeting", text, lines) }
        return ProbeFinding(
            "greeting", "\(text); \(verdict.diagnosis.because)", lines,
            ProbedQuirk(verdict, greeting, isShown: verdict.counts))
    }

    private func firstHello(_ session: ProbeSession) -> ProbeSession? {
        let mark = session.lines.count
        guard let seen = self.hello(session) else { return nil }
        if seen.isAccepted {
            self.add(ProbeFinding("EHLO", self.offers(session.keywords), session.lines(since: mark)))
            return session
        }
        guard let verdict = ProbeJudge.verdict(on: seen), verdict.workarounds.hello == .helo else {
            self.add(ProbeFinding("EHLO", "refused: \(seen.words)", session.lines(since: mark)))
            session.leave()
            return nil
        }
        self.assumed.fold(verdict.workarounds)
        var lines = session.lines(since: mark)
        guard let next = verdict.diagnosis.retry == .here && !session.isOver ? session : self.connectAgain(&lines)
        else { return nil }
        let again = next.lines.count
        let helo = self.hello(next)
        lines += next.lines(since: again)
        guard helo?.isAccepted == true else {
            self.add(ProbeFinding("EHLO", "refused: \(seen.words); HELO too: \(helo?.words ?? seen.words)", lines))
            next.leave()
            return nil
        }
        self.add(ProbeFinding("EHLO", "refused; HELO is accepted", lines, ProbedQuirk(verdict, seen, isShown: true)))
        return next
    }

    /// Up to the greeting.
    private func connectAgain(_ lines: inout [String]) -> ProbeSession? {
        let session: ProbeSession
        do throws(CallFault) { session = try self.connect() } catch { return self.isWithout(error.description, []) }
        let isGreeted = self.isGreeted(session)
        lines.append("(another connection)")
        lines += session.lines
        return isGreeted ? session : self.isWithout("it was not greeted", session)
    }

    private func offers(_ keywords: Keywords?) -> String {
        guard let keywords, !keywords.all.isEmpty else { return "accepted, with no keywords" }
        var text = "offers \(keywords.all.map(\.text).joined(separator: ", "))"
        if let most = keywords.limits.mailMax {
            text += "; message-limit messages=\(most): the host announces it (RFC 9422), and Mailshim obeys by itself"
        }
        return text
    }
}

extension ProbeJudge.Verdict {
    /// Whether a single sight of it is enough.
    var counts: Bool { self.diagnosis.counts?.isConclusive == true }
}
