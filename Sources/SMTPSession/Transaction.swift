import NIOCore
import QuirkKit
import SMTPWire

/// One mail transaction of the gateway, from its `MAIL` to the reply to its end of data (RFC 5321 §3.3).
struct Transaction: Sendable {
    /// `MAIL`, then the `RCPT`s, in order; kept so that they can be sent again.
    var envelope: Envelope
    let began: NIODeadline
    /// Octets of content sent on.
    var octets = 0
    private(set) var pace = Pace()
    /// Places in the content where line ends were repaired.
    var lineEndRepairs = 0
    /// `BDAT` chunks so far.
    var chunks = 0
    /// Whether an octet of content has gone to the remote: from then on no repair is possible.
    var contentBegan = false
    /// One of each kind, at most (law 9).
    var tried: Set<Recovery> = []
    /// Quirks at work, for the log.
    var quirks: [String] = []
    /// What is left of a repair to be proved, by the reply to the command that had failed.
    var unproven: Cause?
    /// The connection was closed between two commands of the envelope: the next makes another, and says the envelope again.
    var lapsed: Cause?
    /// All that is left of this transaction hears this.
    var failed: Reply?
    /// Its content is a `BDAT` sequence turned into DATA.
    var converter: DotStuffer?
    /// The last refusal, for the log.
    var refusal: Reply?
    /// `RCPT`s that were refused, by the remote or here, for the log.
    var refusedRecipients = 0

    init(mail: Command, at now: NIODeadline) {
        self.envelope = Envelope(mail: mail)
        self.began = now
    }

    var mail: Envelope.Entry.State { self.envelope[0].state }
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
}

/// Why a repair was begun.
struct Cause: Hashable, Sendable {
    /// The quirk's name; nil: the engine's own doing (shape C, an idle close).
    let quirk: String?
    let finding: Finding?
    let sent: String
    let reply: String
    let because: String
    /// The place in the envelope of the command that failed; nil: `DATA` or `BDAT`, or none at all.
    let entry: Int?
}

/// A repair under way: the gateway waits.
struct Repair: Sendable {
    enum Stage: Hashable, Sendable {
        /// Replies to commands that were overtaken are still to come.
        case absorbing
        /// RSET was sent.
        case resetting
        /// A new connection is being made; `Link.state` says how far.
        case connecting
        /// The envelope is sent again; so many entries were looked at.
        case replaying(next: Int)
    }

    var stage: Stage
    /// Nil: the connection had ended in the normal way, and there is nothing to prove.
    let cause: Cause?
    let began: NIODeadline
}
