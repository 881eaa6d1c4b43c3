public import NIOCore

/// One line of the log. The shell adds session and remote, and renders it (docs/log.md).
public enum Record: Hashable, Sendable {
    /// A message came to its end, one way or another.
    case message(Message)
    /// A recipient was refused, by the remote or here.
    case recipient(number: Int, to: String, reply: String, outcome: Outcome)
    /// So many more of this message's recipients were refused; each of them would be a line.
    case recipientsUnlogged(number: Int, count: Int)
    /// The gateway heard a 4xx or 5xx that is no word of the remote's. `isRoutine`: it was idle, or we are shutting down.
    case ownReply(told: String, because: String, isRoutine: Bool)
    /// So many more, since the last transaction ended.
    case ownRepliesUnlogged(count: Int)
    /// A repair: what was sent, what came back, what was done about it (law 10).
    case repair(Repair)
    /// A quirk made a difference without a repair: a command preceded, rewritten or answered here.
    case quirk(name: String, connection: Int, did: String, because: String, isDowngrade: Bool = false)
    /// The first connection got its greeting; `host` is the name in it, or "".
    case greeted(connection: Int, host: String, reply: String)
    /// STARTTLS or `bypass`: all after this is relayed unread.
    case passthrough(because: String)
    /// TLS stands on a leg.
    case secured(side: Side, connection: Int, Security)
    /// TLS with the remote failed.
    case insecure(connection: Int, because: String)
    /// The remote said something it was not asked: an idle 421 or a desynchronisation (law 3).
    case unsolicited(connection: Int, reply: String)
    /// The remote closed, timed out or talked nonsense.
    case remoteLost(connection: Int, because: String, told: String)
    case connectFailed(because: String, told: String)
    /// The gateway broke a rule or left in the middle.
    case gatewayFault(because: String)
    /// The session ended.
    case ended(messages: Int, connections: Int, because: String, by: SessionEnd)

    /// What became of a message or of a recipient.
    public enum Outcome: String, Hashable, Sendable {
        case accepted, deferred, rejected
        /// One of its two legs broke before there was an answer of the remote's.
        case lost
    }

    public struct Message: Hashable, Sendable {
        public var number: Int
        public var connection: Int
        public var outcome: Outcome
        public var from: String
        /// The first ``Record/mostRecipients`` that were accepted.
        public var to: [String]
        /// Accepted.
        public var recipients: Int
        public var refusedRecipients: Int
        public var bytes: Int
        public var host: String
        public var reply: String
        public var quirks: [String]
        public var milliseconds: Int
        /// False where the gateway had gone before the remote's answer came.
        public var told: Bool
        /// Line ends repaired in its content.
        public var repairs: Int
        /// What would have become of it without a repair that worked; nil: none was needed, or it was not accepted all the same.
        public var saved: Loss?
    }

    /// What a gateway makes of a refusal.
    public enum Loss: String, Hashable, Sendable {
        /// 5xx: the sender hears that the message was not delivered.
        case bounce
        /// 4xx, or the connection broke: it is sent again later.
        case deferral
    }

    /// Recipients that are named in a message's line, at most.
    public static let mostRecipients = 20
    /// Refused recipients of a message that have lines of their own, at most; likewise replies of ours between two messages.
    public static let mostRefusals = 100

    public struct Repair: Hashable, Sendable {
        public var quirk: String
        public var connection: Int
        public var sent: String
        public var reply: String
        /// "reset" or "reconnect"
        public var action: String
        /// "ok", or why it failed.
        public var outcome: String
        public var because: String
        /// Nil: the gateway did not wait for it.
        public var took: TimeAmount?
    }
}

/// Whose doing the end of a session was.
public enum SessionEnd: Int, Hashable, Sendable, CaseIterable {
    /// The gateway said QUIT.
    case quit
    /// It left without, was idle, or broke a rule.
    case gateway
    /// The remote refused, closed or could not be reached.
    case remote
    /// We stop, or cannot keep what was offered.
    case mailshim
}
