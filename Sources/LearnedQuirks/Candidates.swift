import QuirkKit

/// Findings that are not yet learned: how often each was seen of a remote, for a day after the last time. In memory only.
struct Candidates: Sendable {
    private struct Candidate: Sendable {
        let quirk: QuirkSetting
        var count: Int
        let firstSeen: Int
        var lastSeen: Int
        /// Those that it was found with; each counts once.
        var senders: Set<String> = []
    }

    private var candidates = Fading<Key, [Candidate]>(lifetime: Bounds.day)
    /// Different options that are counted apart at the same time, of one quirk and remote.
    private static let variants = 16

    /// - Parameter sender: nil: each time counts.
    /// - Returns: how often it was seen by now, and when first.
    /// - Parameter spacing: seconds since the last one that counted, at least, for it to count.
    mutating func count(
        _ quirk: QuirkSetting, with sender: String? = nil, at remote: String, spacing: Int = 0, now: Int
    ) -> (count: Int, firstSeen: Int) {
        let key = Key(remote: remote, quirk: quirk.name)
        var known = self.candidates.value(for: key, at: now) ?? []
        known.removeAll { now - $0.lastSeen >= Bounds.day }
        var candidate = Candidate(quirk: quirk, count: 0, firstSeen: now, lastSeen: now)
        if let index = known.firstIndex(where: { $0.quirk == quirk }) { candidate = known.remove(at: index) }
        if candidate.count == 0 || now - candidate.lastSeen >= spacing {
            // So few are ever needed that more are not kept.
            if candidate.senders.count < Self.variants, sender.map({ candidate.senders.insert($0).inserted }) ?? true { candidate.count += 1 }
            candidate.lastSeen = now
        }
        known.append(candidate)
        if known.count > Self.variants { known.removeFirst() }
        self.candidates.set(known, for: key, at: now)
        return (candidate.count, candidate.firstSeen)
    }

    mutating func forget(_ key: Key) { self.candidates.remove(key) }
}
