public import SMTPWire

/// One thing that remote hosts get wrong, and what to do about it.
///
/// A quirk is a value, copied into each session: what it remembers of the session are its stored properties.
/// It judges; the engine acts, within the laws (Sources/SMTPSession/Session.swift). `Plugins/README.md` tells how to write one.
public protocol Quirk: Sendable {
    /// Its name, what it repairs, its options: what `mailshim quirks` prints and the config is checked against.
    static var description: QuirkDescription { get }

    /// For one session. `.watching`: nothing is known of the remote yet, so only replies are judged.
    init(_ activation: Activation)

    /// What it wants to be asked; what is left out costs nothing.
    static var hooks: Hooks { get }

    /// Asked before a `MAIL` goes to the remote, and after each completed message: why this connection should take no further `MAIL`, or nil.
    /// The engine then ends the connection and uses a new one for the next message.
    func isSpent(given facts: Facts) -> String?

    /// Asked before TLS is begun with the remote: how far down the ladder to begin.
    func firstRung(given facts: Facts) -> Rung

    /// Asked before a command of the gateway goes to the remote.
    mutating func decide(on command: Command, given facts: Facts) -> CommandDecision

    /// Asked when the remote answered a command, or closed the connection instead. No command: the connection was closed while nothing was owed.
    mutating func decide(on answer: Answer, to command: Command?, given facts: Facts) -> ReplyDecision
}

/// The questions that a quirk can be asked.
public struct Hooks: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `isSpent`, before `MAIL` and after a message.
    public static let reuse = Hooks(rawValue: 1)
    /// `decide(on command:)`, for `MAIL` alone.
    public static let mail = Hooks(rawValue: 2)
    /// `decide(on command:)`, for every command that goes to the remote.
    public static let commands = Hooks(rawValue: 4)
    /// `decide(on answer:)`, for replies of 400 and above and for closed connections.
    public static let refusals = Hooks(rawValue: 8)
    /// `firstRung`, and `decide(on answer:)` for failures of TLS.
    public static let tls = Hooks(rawValue: 32)
    /// `decide(on answer:)`, for every reply.
    public static let replies = Hooks(rawValue: 16)
}

extension Quirk {
    public mutating func decide(on command: Command, given facts: Facts) -> CommandDecision { .pass }
    public mutating func decide(on answer: Answer, to command: Command?, given facts: Facts) -> ReplyDecision { .pass }
    public func isSpent(given facts: Facts) -> String? { nil }
    public func firstRung(given facts: Facts) -> Rung { .modern }

    public static var name: String { Self.description.name }
}

/// Whether a quirk is known to apply to this session's remote.
public enum Activation: Hashable, Sendable {
    /// It is only looked for.
    case watching
    /// It applies from the start, with these options (complete: the standard values are filled in).
    case applied([String: OptionValue])
}

/// What came back for a command.
public enum Answer: Hashable, Sendable {
    case reply(Reply)
    /// The connection was closed instead, so long after the reply before.
    case closed(after: Duration)
    /// There is no TLS on this connection.
    case tlsFailed(TLSFailure)
}

/// What to do with a command.
public enum CommandDecision: Hashable, Sendable {
    case pass
    /// Send this instead.
    case rewrite(Command, because: String)
    /// Answer it here; the remote never sees it.
    case answer(Reply, because: String)
    /// Send another command first; its reply stays here.
    case precede(with: Command, because: String)
}

/// What to do with the answer to a command.
public enum ReplyDecision: Hashable, Sendable {
    case pass
    /// Tell the gateway this instead. A positive reply to the end of data can only come from the remote: the engine ignores such a rewrite.
    case rewrite(Reply, because: String)
    /// Repair it, and count the finding when the repair has worked.
    case recover(Recovery, finding: Finding?, because: String)
    /// Pass it on, and count the finding.
    case learn(Finding, because: String)
    /// Pass it on. The finding, whose `sender` is that of this `MAIL`, counts once the remote accepts the same sender as the first of another connection.
    case suspect(Finding, because: String)
    /// Pass it on, and use this connection no more.
    case disconnect(because: String)
}

/// The engine's plans for a command that was refused before any content was sent.
public enum Recovery: Hashable, Sendable {
    /// `RSET`, then the envelope again, on the same connection.
    case reset
    /// `QUIT`, a new connection to the same remote, and the envelope again.
    case reconnect
    /// A new connection with old versions and ciphers allowed. Only after `tlsFailed`, under `tls = "opportunistic"`.
    case legacyTLS
    /// A new connection in clear text. Likewise.
    case clearText
}
