/// A file that cannot be used: why, and when it is tried again.
struct Trouble: Sendable {
    private var tries = 0
    private var delay = Bounds.retry.lowerBound
    private var next = 0
    private var reported: Set<MemoryError.Fault> = []

    var isReported: Bool { !self.reported.isEmpty }

    /// A clock that was set back does not make the wait longer.
    func isOver(_ now: Int) -> Bool { now >= self.next || now < self.next - Bounds.retry.upperBound }

    /// - Returns: whether it is worth a word: once for each fault, and a lock only when it lasts.
    mutating func met(_ fault: MemoryError.Fault, _ now: Int) -> Bool {
        self.tries += 1
        if fault.mayPass {
            self.next = now + Bounds.retry.lowerBound
            guard self.tries >= Bounds.patience else { return false }
        } else {
            self.next = now + self.delay
            self.delay = min(self.delay * 2, Bounds.retry.upperBound)
        }
        return self.reported.count < 8 && self.reported.insert(fault).inserted
    }
}
