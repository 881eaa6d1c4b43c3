/// What the memory holds at most (law 9). Beyond it the oldest goes.
enum Bounds {
    /// Entries that were learned; imported and pinned ones are the operator's, and only he bounds them.
    static let learned = 10_000
    /// Changes that are remembered in the file.
    static let audit = 10_000
    static let bypasses = 1000
    /// Rows that are read of a file.
    static let rows = 100_000
    /// Remotes in each of: candidates, re-use, probes, back-off. Each is kept in memory only.
    static let remotes = 20_000
    /// Remotes with findings that wait for their sender to be accepted elsewhere, and such findings of each. In memory only.
    static let suspectedRemotes = 1000
    static let suspicions = 4
    /// Unicode scalars of a command or reply kept as evidence.
    static let evidence = 500

    /// Seconds in which a candidate or a successful re-use counts.
    static let day = 86_400
    /// Seconds for which what a host did well is remembered, at most.
    static let month = 30 * 86_400
    /// Seconds for which a repair that failed is not tried again.
    static let barred = 3600
    /// Seconds between two probes of a remote.
    static let probeInterval = 3600
    /// Clean connections in a row after which an entry has healed.
    static let cleanToHeal = 3
    /// Connections that must agree where a remote was re-used with success in the last day.
    static let neededAfterReuse = 3

    /// The first wait after a refused extra connection, and the longest, in milliseconds.
    static let backOff = 60_000...3_600_000
    /// Seconds until an unusable file is tried again: the first wait, and the longest.
    static let retry = 1...60
    /// Tries that find the file locked before that is worth a word.
    static let patience = 10

    /// Unix times and lengths of time are kept in this range, so that no sum of two overflows.
    static let time = 0...(1 << 52)
}

extension Int {
    func clamped(to range: ClosedRange<Int>) -> Int { Swift.min(Swift.max(self, range.lowerBound), range.upperBound) }
}
