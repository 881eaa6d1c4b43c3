import NIOCore
import OpenSSLTLS
import ProxyServer
import QuirkKit
import SMTPWire

/// What came back for a command, with what a quirk may know at that moment.
struct Seen {
    let observation: Observation
    let facts: Facts

    /// Nil: nothing came, or it was no reply.
    var reply: Reply? { if case .reply(let reply) = self.observation.answer { reply } else { nil } }

    /// 2xx or 3xx.
    var isAccepted: Bool { self.observation.answer.kind == .accepted }

    /// "250 2.1.0 Ok", or why there is nothing.
    var words: String {
        switch self.observation.answer {
        case .closed: "the connection was closed"
        case .timedOut: "no reply in time"
        case .reply, .tlsFailed, .garbled, .unsolicited: self.observation.answer.words
        }
    }

    /// "accepted", "refused: 550 …", "the connection was closed".
    var verdict: String { self.isAccepted ? "accepted" : self.reply == nil ? self.words : "refused: \(self.words)" }
}

/// What came of STARTTLS.
enum ProbedTLS {
    case stands(TLSFacts)
    case failed(TLSFailure)
}

/// One connection of a probe: what is said and heard on it, verbatim, and the facts that go with each answer. Behind
/// its first fault nothing more is said.
final class ProbeSession {
    let number: Int
    /// As a transcript: `C: …`, `S: …`, and in brackets what is no line.
    private(set) var lines: [String] = []
    private(set) var isOver = false
    private var facts: Facts
    private let call: Call
    private let progress: ProbeProgress
    private var heardAt = ContinuousClock.now
    private var isBehindReset = false
    private var ending = CallFault.closed

    init(_ call: Call, number: Int, _ workarounds: Workarounds, _ progress: ProbeProgress) {
        (self.call, self.number, self.progress) = (call, number, progress)
        self.facts = Facts(connection: 1, workarounds: workarounds)
    }

    /// The address that answered.
    var address: String { self.call.address }
    /// What the latest EHLO offers.
    var keywords: Keywords? { self.facts.keywords }
    /// Whether a `MAIL` was accepted and nothing has ended its transaction.
    var isInTransaction: Bool { self.facts.mailAccepted }

    func lines(since mark: Int) -> [String] { Array(self.lines.dropFirst(mark)) }

    /// From now on this is taken for granted.
    func assume(_ workarounds: Workarounds) { self.facts.workarounds = workarounds }

    // MARK: One command

    func greeting() -> Seen { self.hear(nil, at: .greeting) }

    /// EHLO or HELO to a host that has not greeted: its greeting may come before the answer (Q-03).
    func askBeforeGreeting(_ text: String) -> Seen? {
        let seen = self.ask(text)
        return seen?.reply?.code == 220 ? self.hear(seen?.observation.sent) : seen
    }

    /// Nil: the connection had ended before.
    func ask(_ text: String) -> Seen? { self.ask(Command(line: Array(text.utf8))) }

    func ask(_ command: Command) -> Seen? {
        guard self.say([command]) else { return nil }
        self.begin(command)
        return self.hear(command)
    }

    /// The mail data with its end.
    func content(_ lines: [String]) -> Seen? {
        guard !self.isOver else { return nil }
        self.lines += (lines + ["."]).map { "C: \($0)" }
        do throws(CallFault) { try self.call.say(lines + ["."]) } catch {
            return self.lost(nil, error, at: .contentEnd)
        }
        return self.hear(nil, at: .contentEnd)
    }

    /// Says goodbye, where there is anyone to hear it.
    @discardableResult
    func leave() -> Seen? {
        let seen = self.ask(.quit)
        self.isOver = true
        return seen
    }

    // MARK: A pipelined group (RFC 2920)

    /// In one piece. - Returns: an answer for each command until there is none; what came beyond them is `surplus`.
    func group(_ commands: [Command]) -> (seen: [Seen], surplus: Seen?) {
        guard self.say(commands) else { return ([], nil) }
        var seen: [Seen] = []
        for (place, command) in commands.enumerated() {
            self.facts.group = Facts.Group(commands: commands.count, answered: place)
            self.begin(command)
            // Behind the first fault all that is left has met the same.
            seen.append(self.isOver ? self.lost(command, self.ending) : self.hear(command))
        }
        defer { self.facts.group = Facts.Group() }
        self.facts.group = Facts.Group(commands: commands.count, answered: commands.count)
        guard !self.isOver, let reply = try? self.call.hear(within: .milliseconds(300)) else { return (seen, nil) }
        self.note(reply)
        return (seen, Seen(observation: Observation(.unsolicited(reply), to: nil, at: .idle), facts: self.facts))
    }

    // MARK: TLS

    /// STARTTLS and the handshake. What was offered in clear text holds no longer.
    /// - Parameter name: the host's, where it is a name and no address.
    func startTLS(_ context: TLSClientContext, name: String?) -> ProbedTLS {
        guard let seen = self.ask(.starttls) else {
            return .failed(TLSFailure(.closed, because: "the connection was closed"))
        }
        switch seen.observation.answer {
        case .reply(let reply) where reply.code == 220: break
        case .reply(let reply): return .failed(TLSFailure(.reply(reply.code), because: "STARTTLS: \(reply.line)"))
        case .garbled: return .failed(TLSFailure(.garbled, because: seen.words))
        case .timedOut: return .failed(TLSFailure(.stalled, because: "no reply to STARTTLS in time"))
        case .closed, .tlsFailed, .unsolicited:
            return .failed(TLSFailure(.closed, because: "the connection was closed at STARTTLS"))
        }
        self.progress.show(self.number, "the TLS handshake")
        do throws(CallFault) {
            let tls = try self.call.secure(context, name: name)
            self.lines.append("(TLS: \(tls.version), \(tls.cipher))")
            (self.facts.isEncrypted, self.facts.keywords) = (true, nil)
            return .stands(tls)
        } catch {
            self.isOver = true
            self.lines.append("(no TLS: \(error))")
            return .failed(error.tlsFailure)
        }
    }

    // MARK: What is kept of it

    private func say(_ commands: [Command]) -> Bool {
        guard !self.isOver else { return false }
        let lines = commands.map { String(decoding: $0.bytes.dropLast(2), as: UTF8.self) }
        self.lines += lines.map { "C: \($0)" }
        self.progress.show(self.number, "the reply to \(lines.joined(separator: ", "))")
        // A host that has closed may have said why: that is read below.
        try? self.call.say(lines)
        return true
    }

    private func hear(_ command: Command?, at moment: Observation.Moment? = nil) -> Seen {
        if moment == .greeting { self.progress.show(self.number, "the greeting") }
        do throws(CallFault) {
            let reply = try self.call.hear()
            self.note(reply)
            self.heardAt = .now
            let seen = self.seen(.reply(reply), to: command, at: moment)
            self.take(reply, to: command, at: moment)
            return seen
        } catch {
            return self.lost(command, error, at: moment)
        }
    }

    private func lost(_ command: Command?, _ fault: CallFault, at moment: Observation.Moment? = nil) -> Seen {
        if !self.isOver { (self.ending, self.isOver) = (fault, true); self.lines.append("(\(fault))") }
        let answer: Answer =
            switch fault {
            case .silent: .timedOut
            case .garbled(let fault): .garbled(fault)
            case .closed, .lost, .noSuchHost, .unreachable, .tls: .closed(after: .now - self.heardAt)
            }
        return self.seen(answer, to: command, at: moment)
    }

    private func seen(_ answer: Answer, to command: Command?, at moment: Observation.Moment?) -> Seen {
        Seen(observation: Observation(answer, to: command, at: moment), facts: self.facts)
    }

    private func note(_ reply: Reply) {
        let lines = reply.lines
        for (index, line) in lines.enumerated() {
            self.lines.append("S: \(reply.code)\(index == lines.count - 1 ? " " : "-")\(line)")
        }
    }

    private func begin(_ command: Command) {
        defer { self.isBehindReset = command == .rset }
        guard case .mail = command.body else { return }
        self.facts.mailsBefore = self.facts.mails
        self.facts.mails += 1
        (self.facts.mailAccepted, self.facts.recipientsAccepted) = (false, 0)
        self.facts.followsReset = self.isBehindReset
    }

    private func take(_ reply: Reply, to command: Command?, at moment: Observation.Moment?) {
        self.facts.followsRefusal = reply.code >= 400
        if reply.code == 421 { self.isOver = true }
        guard reply.isPositive else { return }
        switch command?.body {
        case .mail?:
            self.facts.mailAccepted = true
            if self.facts.messages > 0 { self.facts.isReused = true }
        case .rcpt?: self.facts.recipientsAccepted += 1
        case .ehlo?, .helo?:
            if case .ehlo? = command?.body { self.facts.keywords = Keywords(reply) } else { self.facts.keywords = nil }
            (self.facts.mailAccepted, self.facts.recipientsAccepted) = (false, 0)
        case .rset?: (self.facts.mailAccepted, self.facts.recipientsAccepted) = (false, 0)
        default:
            guard moment == .contentEnd else { return }
            self.facts.messages += 1
            (self.facts.mailAccepted, self.facts.recipientsAccepted) = (false, 0)
        }
    }
}

extension CallFault {
    /// Of a handshake.
    fileprivate var tlsFailure: TLSFailure {
        switch self {
        case .tls(let error): TLSFailure(error)
        case .silent: TLSFailure(.stalled, because: "the handshake stalls: \(self)")
        case .closed, .lost, .noSuchHost, .unreachable, .garbled: TLSFailure(.closed, because: self.description)
        }
    }
}
