public import QuirkKit

/// A quirk that is known of a remote by experience, or because the operator said so, with the evidence.
public struct Learned: Hashable, Sendable {
    public enum Origin: String, Hashable, Sendable, CaseIterable {
        /// Found out in a session.
        case learned
        /// Read by `mailshim learned import`.
        case imported
        /// Set by `mailshim learned pin`: neither expires nor heals, and no finding changes it.
        case pinned
    }

    /// Address and port: "192.0.2.1:25", "[2001:db8::1]:25".
    public var remote: String
    public var quirk: QuirkSetting
    public var origin: Origin
    /// The command that was sent, verbatim; empty where it was not seen here.
    public var sent: String
    /// The reply, verbatim, or "(closed)"; empty where it was not seen here.
    public var reply: String
    /// The evidence in the words of whoever imported or pinned it.
    public var remark: String
    /// Unix seconds.
    public var firstSeen: Int
    /// When the remote last showed it; Unix seconds.
    public var lastSeen: Int
    /// Unix seconds; nil: never.
    public var expires: Int?
    /// How it is forgotten before it expires: the quirk's own rule.
    public var ending: Counting.Ending
    public var timesUsed: Int
    /// Probes without the quirk that went well since it was last seen.
    public var cleanInARow: Int
    /// When a session last asked to do without it; Unix seconds.
    public var lastProbe: Int?
    /// Whether a session may ask to do without it now. Only `LearnedQuirks.known` sets it.
    public var isDueForProbe = false

    public var isPinned: Bool { self.origin == .pinned }

    /// Whether a session of this machine saw the remote show it; else it was imported or pinned.
    public var wasSeen: Bool { !self.reply.isEmpty }

    /// Whether it is probed and forgotten again when the remote has been repaired.
    public var heals: Bool { self.ending.isProbed }

    /// Whether it may be probed from the start, rather than when `heal` has passed since it was last seen.
    public var isProbedHourly: Bool { self.ending == .probed(hourly: true) }

    /// The options that hold now: a learned number that is raised has grown by one for each step of time since it was last seen.
    func options(at now: Int) -> Options {
        guard case .raised(let option, let step) = self.ending, !self.isPinned, let number = self.quirk.options.integer(option) else {
            return self.quirk.options
        }
        let steps = max(0, now - self.lastSeen) / max(1, step)
        return self.quirk.options.merging([option: .integer(number + steps)]) { $1 }
    }

    public init(
        remote: String, quirk: QuirkSetting, origin: Origin, sent: String = "", reply: String = "", remark: String = "",
        firstSeen: Int, lastSeen: Int, expires: Int?, ending: Counting.Ending = .expires, timesUsed: Int = 0, cleanInARow: Int = 0,
        lastProbe: Int? = nil
    ) {
        self.remote = remote
        self.quirk = quirk
        self.origin = origin
        self.sent = Evidence.kept(sent)
        self.reply = Evidence.kept(reply)
        self.remark = Evidence.kept(remark)
        self.firstSeen = firstSeen.clamped(to: Bounds.time)
        self.lastSeen = lastSeen.clamped(to: Bounds.time)
        self.expires = expires?.clamped(to: Bounds.time)
        self.ending = ending
        self.timesUsed = timesUsed.clamped(to: Bounds.time)
        self.cleanInARow = cleanInARow.clamped(to: Bounds.time)
        self.lastProbe = lastProbe?.clamped(to: Bounds.time)
    }

    /// What `mailshim learned import` makes of a config table: it expires like a learned quirk, and is not probed, since nobody saw here how it shows.
    /// - Parameters:
    ///   - because: the table's `because`.
    ///   - lifetime: seconds (`[learning] expires`).
    public static func imported(remote: String, quirk: QuirkSetting, because: String, now: Int, lifetime: Int) -> Learned {
        let now = now.clamped(to: Bounds.time)
        return Learned(
            remote: remote, quirk: quirk, origin: .imported, remark: because, firstSeen: now, lastSeen: now,
            expires: now + lifetime.clamped(to: Bounds.time))
    }

    public func hasExpired(at now: Int) -> Bool {
        guard let expires else { return false }
        return now >= expires
    }

    /// The evidence in one line, as `export` gives it.
    public var because: String {
        guard self.wasSeen else { return self.remark.isEmpty ? "\(self.origin) \(Moment(at: self.firstSeen).day)" : self.remark }
        let seen = "\(self.sent) → \(self.reply); first seen \(Moment(at: self.firstSeen).day), last \(Moment(at: self.lastSeen).day)"
        return self.remark.isEmpty ? seen : "\(seen); \(self.remark)"
    }
}
