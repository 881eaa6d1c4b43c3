import NIOCore

/// How fast a gateway's content comes, over the last minutes. Only looked at while somebody waits for the connection that it goes over (`connections`).
struct Pace: Sendable {
    /// What is slower than so many octets a second, over so long, holds the connection up.
    static let octetsPerSecond = 1024
    static let span = TimeAmount.minutes(5)

    private static let interval = TimeAmount.minutes(1)

    private struct Mark {
        let at: NIODeadline
        let octets: Int
    }

    /// One a minute at most; of those older than the span only the youngest.
    private var marks: [Mark] = []

    /// Content comes, after so many octets of it.
    mutating func note(after octets: Int, at now: NIODeadline) {
        if let last = self.marks.last, now < last.at + Self.interval { return }
        while self.marks.count > 1, self.marks[1].at + Self.span <= now { self.marks.removeFirst() }
        self.marks.append(Mark(at: now, octets: octets))
    }

    /// - Parameter octets: that came by now.
    func isSlow(octets: Int, at now: NIODeadline) -> Bool {
        guard let mark = self.marks.last(where: { $0.at + Self.span <= now }) else { return false }
        return octets - mark.octets < Int((now - mark.at).nanoseconds / 1_000_000_000) * Self.octetsPerSecond
    }
}
