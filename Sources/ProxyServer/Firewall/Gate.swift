/// Whether connections are led to a listener, second by second: as long as it answers; not once it has been silent for as long as the rules hold by themselves, or
/// has gone; and again when it has answered for some time without a gap, so that mail does not go to and fro.
public struct Gate: Hashable, Sendable {
    /// Seconds without a gap after which connections are led again.
    public let patience: Double
    /// The last answer.
    private var last: Double?
    /// Nothing is led until it has answered from here on for `patience`.
    private var shutSince: Double?

    public init(patience: Double = 10) { self.patience = patience }

    /// It accepts connections. - Parameter now: seconds of a clock that never goes back.
    /// - Returns: whether they may be led there.
    public mutating func heard(at now: Double) -> Bool {
        if let last, now - last >= Double(FirewallRules.lifetime) { self.shutSince = now }
        self.last = now
        if let shut = self.shutSince, now - shut >= self.patience { self.shutSince = nil }
        return self.shutSince == nil
    }

    /// It does not: it has gone, or said so.
    public mutating func lost(at now: Double) {
        self.last = now
        self.shutSince = now
    }

    public var isShut: Bool { self.shutSince != nil }
}
