public import NIOCore
public import QuirkKit
public import SMTPWire

/// Everything a session can want done. Carried out in order.
public enum Action: Hashable, Sendable {
    /// Octets for one leg. To a leg that is gone: dropped.
    case send(ByteBuffer, to: Side)
    /// Octets for the remote, written when all before them has left the machine and been acknowledged, as one segment of their own. Answered by `.drained`
    /// once they are written; by `.notDrained` where the remote has not taken it all by then: then they never are. `.abort(.remote)` ends it unanswered.
    case sendWhenDrained(ByteBuffer, by: NIODeadline)
    /// Credentials for the remote; never logged.
    case sendSecret(Secret)
    /// TLS on this leg from here on: as client towards the remote, as server towards the gateway. Answered by `.secured` or `.securingFailed`.
    /// Nothing that was read before may be used after it. What is sent before this action goes out in clear text.
    case secure(Side, isLegacy: Bool)
    /// Open a connection to the remote, waiting for a place first where `connections` or `pause` say so. Answered by `.connected` or `.connectFailed`.
    /// `isExtra`: not the session's first; same source address as the first, and not tried while backed off.
    case connect(isExtra: Bool)
    /// No more is said on this leg: half close, read on, close when the peer does or after 2 s. The engine does not wait for it.
    /// Remote: its place is free once it is closed; `.closed(.remote)` is still reported.
    case close(Side)
    /// Close at once, without a word more; what is unsent may be lost. A remote in the middle of content must never see an end.
    case abort(Side)
    /// From now on bytes go both ways unread, those already waiting first; the engine hears no more but `.closed`.
    case relay
    /// Which rules apply now? Answered by `.profile`.
    case lookUp(LookUp)
    /// Which remote is it? Answered by `.routed`.
    case route(domain: String)
    /// Something about the remote that is worth remembering.
    indirect case note(Note)
    indirect case log(Record)
    /// For the metrics; the log has not a line for each.
    case count(Count)
}

/// What is counted and not logged one by one.
public enum Count: Hashable, Sendable {
    /// A 4xx or 5xx was told to the gateway.
    case refusal(CountedRefusal)
    /// So many times something is otherwise than it would be without Mailshim.
    case alteration(Alteration, Int = 1)
}

/// What Mailshim changes in a session that needs no repair.
public enum Alteration: Int, Hashable, Sendable, CaseIterable {
    /// An EHLO keyword of the remote's that the gateway is not shown.
    case keywordHidden
    /// A RSET that the gateway did not say.
    case resetAdded
}

/// A 4xx or 5xx that the gateway heard.
public struct CountedRefusal: Hashable, Sendable {
    /// What it answers; nil: nobody had asked.
    public var stage: Activity.Stage?
    /// 5xx.
    public var isPermanent: Bool
    /// In our own words, and not the remote's.
    public var isOurs = false
}

/// What has become known of a session's remote or recipients, so that more rules may apply.
public enum LookUp: Hashable, Sendable {
    /// The remote's own name.
    case host(String)
    /// A recipient domain not seen before in this session.
    case domain(String)
}

extension Action {
    public static func lookUp(host: String) -> Action { .lookUp(.host(host)) }
    public static func lookUp(domain: String) -> Action { .lookUp(.domain(domain)) }
}

/// What the memory of learned quirks hears.
public enum Note: Hashable, Sendable {
    /// A repair worked.
    case found(Finding)
    /// A finding that is none before its sender is accepted as the first of another connection. Comes back in `Profile.suspicions` until then.
    case suspected(Finding)
    /// A connection took the second, fourth, eighth, ... message without any repair; so many `MAIL`s it has seen by then.
    case reused(mails: Int)
    /// A learned quirk was put to use.
    case used(quirk: String)
    /// A probe without the quirk went well: one clean connection.
    case clean(quirk: String)
    /// May it be probed now? Answered by `.probe`.
    case asksProbe(quirk: String)
    /// A connection is past its greeting.
    case greeted
    /// The host did well, which speaks against a quirk.
    case did(Ability)
    /// What a repair took for granted ended in a like refusal.
    case failed(quirk: String)
    /// An extra connection was refused (connect, greeting or EHLO): back off.
    case extraRefused
    /// An extra connection stands: no more backing off.
    case extraAccepted
}
