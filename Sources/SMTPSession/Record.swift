/// One line of the log. The shell adds session and remote, and renders it (INTERFACE.md, "The log").
public enum Record: Hashable, Sendable {
    /// A message came to its end, one way or another.
    case message(Message)
    /// A repair: what was sent, what came back, what was done about it (law 10).
    case repair(Repair)
    /// A quirk made a difference without a repair: a command preceded, rewritten or answered here.
    case quirk(name: String, connection: Int, did: String, because: String)
    /// The first connection got its greeting; `host` is the name in it.
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
    case ended(messages: Int, connections: Int, because: String)

    public struct Message: Hashable, Sendable {
        public var number: Int
        public var connection: Int
        public var from: String
        public var recipients: Int
        public var bytes: Int
        public var host: String
        public var reply: String
        public var quirks: [String]
        public var milliseconds: Int
        /// False where the gateway had gone before the remote's answer came.
        public var told: Bool
        /// Line ends repaired in its content.
        public var repairs: Int
    }

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
    }
}
