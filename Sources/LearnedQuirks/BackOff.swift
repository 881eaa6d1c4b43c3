/// After an extra connection was refused, none is tried for 60 s, doubling up to an hour. In memory only; times are monotonic milliseconds.
struct BackOff: Sendable {
    private struct Wait: Sendable { let until: Int, length: Int }

    /// A wait that has been over for as long as the longest one is forgotten, and the next begins at 60 s again.
    private var waits = Fading<String, Wait>(lifetime: 2 * Bounds.backOff.upperBound)

    /// Refusals of attempts that began before the wait do not prolong it.
    mutating func refused(_ remote: String, now: Int) {
        let last = self.waits.value(for: remote, at: now)
        if let last, now < last.until { return }
        let length = last.map { min($0.length * 2, Bounds.backOff.upperBound) } ?? Bounds.backOff.lowerBound
        self.waits.set(Wait(until: now + length, length: length), for: remote, at: now)
    }

    mutating func accepted(_ remote: String) { self.waits.remove(remote) }

    func mayOpen(_ remote: String, now: Int) -> Bool {
        guard let wait = self.waits.value(for: remote, at: now) else { return true }
        return now >= wait.until
    }
}
