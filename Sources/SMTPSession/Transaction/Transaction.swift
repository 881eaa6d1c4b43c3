import NIOCore
import QuirkKit
import SMTPWire

/// One mail transaction of the gateway, from its `MAIL` to the reply to its end of data (RFC 5321 §3.3).
struct Transaction: Sendable {
    /// Repairs of one transaction, and new connections among them, at most (law 9).
    private static let repairs = 3
    private static let connections = 2

    /// `MAIL`, then the `RCPT`s, in order; kept so that they can be sent again.
    var envelope: Envelope
    let began: NIODeadline
    /// Octets of content sent on.
    var octets = 0
    /// The mail data's last line end, which is held back to go with the final dot (`pix`).
    var heldEnd = ByteBuffer()
    private(set) var pace = Pace()
    /// Places in the content where line ends were repaired.
    var lineEndRepairs = 0
    /// `BDAT` chunks so far.
    var chunks = 0
    /// Whether an octet of content has gone to the remote: from then on no repair is possible.
    var contentBegan = false
    /// What was taken for granted to do again what failed, in order (law 9).
    private(set) var attempts: [Attempt] = []
    /// Quirks at work, for the log.
    var quirks: [String] = []
    /// What would have become of it without the repairs that worked.
    private(set) var saved: Record.Loss?
    /// What is left of a repair to be proved, by the reply to the command that had failed.
    var unproven: Cause?
    /// The connection was closed between two commands of the envelope: the next makes another, and says the envelope again.
    var lapsed: Cause?
    /// All that is left of this transaction hears this.
    var failed: Reply?
    /// Its content is a `BDAT` sequence turned into DATA.
    var converter: DotStuffer?
    /// What its mail data goes through (`fold-long-lines`, `final-blank-line`).
    var filters: ContentFilters?
    /// The host refused its null sender with this: another is said in its place (`null-sender`).
    var nullSenderRefusal: Reply?
    /// The last refusal, for the log.
    var refusal: Reply?
    /// `RCPT`s that were refused, by the remote or here, for the log.
    var refusedRecipients = 0

    init(mail: Command, at now: NIODeadline) {
        self.envelope = Envelope(mail: mail)
        self.began = now
    }

    var mail: Envelope.Entry.State { self.envelope[0].state }
    var sender: String? { if case .mail(let mail) = self.envelope[0].command.body { mail.reversePath } else { nil } }
    var accepted: Int { self.envelope.accepted }
    var hasRecipient: Bool { self.envelope.accepted > 0 }
    /// Law 4: may content be written for it?
    var mayCarryContent: Bool { self.mail == .accepted && self.hasRecipient }

    /// Whether its first recipient is of this domain.
    func isFor(_ domain: String?) -> Bool {
        guard self.envelope.count > 1, case .rcpt(let first) = self.envelope[1].command.body else { return true }
        return first.domain == domain
    }

    /// More content comes.
    mutating func notePace(at now: NIODeadline) { self.pace.note(after: self.octets, at: now) }

    mutating func credit(_ quirk: String) {
        if !self.quirks.contains(quirk) { self.quirks.append(quirk) }
    }

    /// All that was accepted or is not answered yet is to be said again (law 5: never what was refused).
    mutating func reopen() {
        for place in self.envelope.indices where self.envelope[place].state != .refused { self.envelope[place].state = .unsent }
    }

    /// - Parameter quirk: nil: the engine's own doing (a transaction left open).
    func mayTry(_ retry: Retry, _ quirk: QuirkSetting?) -> Bool {
        guard !self.contentBegan, self.failed == nil, self.attempts.count < Self.repairs else { return false }
        if retry == .onNewConnection, self.attempts.count(where: { $0.retry == .onNewConnection }) >= Self.connections { return false }
        return !self.attempts.contains { $0.quirk == quirk && ($0.quirk != nil || $0.retry == retry) }
    }

    mutating func tries(_ retry: Retry, _ quirk: QuirkSetting?) { self.attempts.append(Attempt(quirk: quirk, retry: retry)) }

    struct Attempt: Sendable {
        let quirk: QuirkSetting?
        let retry: Retry
    }

    /// - Parameter answer: what the gateway did not hear.
    mutating func save(from answer: Answer) {
        if case .reply(let reply) = answer, reply.isPermanent { self.saved = .bounce } else if self.saved == nil { self.saved = .deferral }
    }

    var wasRepaired: Bool { !self.attempts.isEmpty }
    var wasReconnected: Bool { self.attempts.contains { $0.retry == .onNewConnection } }
}
