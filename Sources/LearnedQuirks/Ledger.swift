import QuirkKit

/// What is known, what is about to be known, and by which rules (DESIGN.md, "The founding family, exactly"). No file, no clock.
struct Ledger: Sendable {
    var policy: LearnedQuirks.Policy { didSet { self.policy = self.policy.bounded } }
    private(set) var entries: [String: [Entry]] = [:]
    private(set) var count = 0
    /// What the file does not have yet; always empty without a file.
    private(set) var changes: Changes = [:]

    private let hasFile: Bool
    private var candidates = Candidates()
    private var reuse = Fading<String, Reuse>(lifetime: Bounds.day)
    private var probes = Fading<String, Int>(lifetime: Bounds.probeInterval)

    init(policy: LearnedQuirks.Policy, hasFile: Bool) {
        self.policy = policy.bounded
        self.hasFile = hasFile
    }

    func known(of remote: String, at now: Int) -> [Learned] {
        guard self.policy.enabled, let entries = self.entries[remote] else { return [] }
        return entries.compactMap { entry in
            guard !entry.learned.hasExpired(at: now) else { return nil }
            var learned = entry.learned
            learned.isDueForProbe = self.isDueForProbe(learned, now)
            return learned
        }
    }

    mutating func found(_ finding: Finding, at remote: String, session: String, now: Int) -> [MemoryEvent] {
        guard self.policy.enabled else { return [] }
        let key = Key(remote: remote, quirk: finding.quirk.name)
        if var entry = self[key], !entry.learned.hasExpired(at: now) {
            if entry.learned.quirk == finding.quirk {
                self.seeAgain(&entry, now)
                return []
            }
            guard !entry.learned.isPinned, finding.quirk.supersedes(entry.learned.quirk) else { return [] }
        }
        let (count, firstSeen) = self.candidates.count(finding.quirk, at: remote, now: now)
        // Of a remote that was lately seen to behave, A and B too are believed only the third time.
        let behaved = self.reuse.value(for: remote, at: now)?.reached(past: finding.quirk.messages ?? 1, at: now) ?? false
        guard count >= max(finding.needed, behaved ? Bounds.neededAfterReuse : 1) else { return [] }
        self.candidates.forget(key)
        let learned = Learned(
            remote: remote, quirk: finding.quirk, origin: .learned, shape: finding.shape, sent: finding.sent, reply: finding.reply,
            firstSeen: firstSeen, lastSeen: now, expires: now + self.policy.expires, heals: finding.heals)
        self.put(learned)
        self.makeRoom(besides: key)
        return [.learned(learned, session: session)]
    }

    private mutating func seeAgain(_ entry: inout Entry, _ now: Int) {
        entry.learned.lastSeen = max(now, entry.learned.lastSeen)
        entry.learned.cleanInARow = 0
        if let expires = entry.learned.expires { entry.learned.expires = max(expires, now + self.policy.expires) }
        self.put(entry.learned)
    }

    mutating func reused(_ remote: String, mails: Int, now: Int) {
        guard self.policy.enabled else { return }
        var reuse = self.reuse.value(for: remote, at: now) ?? Reuse()
        reuse.note(mails: mails, at: now)
        self.reuse.set(reuse, for: remote, at: now)
    }

    mutating func used(_ quirk: String, at remote: String, now: Int) {
        guard self.policy.enabled, var learned = self[Key(remote: remote, quirk: quirk)]?.learned, !learned.hasExpired(at: now) else { return }
        learned.timesUsed = (learned.timesUsed + 1).clamped(to: Bounds.time)
        self.put(learned)
    }

    mutating func clean(_ quirk: String, at remote: String, session: String, now: Int) -> [MemoryEvent] {
        let key = Key(remote: remote, quirk: quirk)
        guard self.policy.enabled, var learned = self[key]?.learned, learned.heals, !learned.isPinned, !learned.hasExpired(at: now) else { return [] }
        learned.cleanInARow = (learned.cleanInARow + 1).clamped(to: Bounds.time)
        guard learned.cleanInARow >= Bounds.cleanToHeal else {
            self.put(learned)
            return []
        }
        self.remove(key)
        return [.healed(learned, session: session)]
    }

    mutating func mayProbe(_ quirk: String, at remote: String, now: Int) -> Bool {
        guard self.policy.enabled, var learned = self[Key(remote: remote, quirk: quirk)]?.learned, self.isDueForProbe(learned, now) else {
            return false
        }
        learned.lastProbe = now
        self.probes.set(now, for: remote, at: now)
        self.put(learned)
        return true
    }

    private func isDueForProbe(_ learned: Learned, _ now: Int) -> Bool {
        learned.heals && !learned.isPinned && !learned.hasExpired(at: now) && now - learned.lastSeen >= self.policy.heal
            && self.probes.value(for: learned.remote, at: now) == nil
    }

    /// Drops what has expired. While learning is switched off nothing is touched.
    mutating func sweep(_ now: Int) -> [MemoryEvent] {
        guard self.policy.enabled else { return [] }
        let expired = self.all.filter { $0.learned.hasExpired(at: now) }
        for entry in expired { self.remove(entry.key) }
        return expired.map { .expired($0.learned) }
    }
}

// MARK: Entries

extension Ledger {
    var all: [Entry] { self.entries.values.flatMap(\.self) }

    subscript(key: Key) -> Entry? { self.entries[key.remote]?.first { $0.learned.quirk.name == key.quirk } }

    private mutating func put(_ learned: Learned) {
        let key = Key(remote: learned.remote, quirk: learned.quirk.name)
        let row = self.row(of: key)
        self.insert(Entry(learned: learned, row: row))
        if self.hasFile { self.changes[key] = Change(row: row, learned: learned) }
    }

    private mutating func remove(_ key: Key) {
        let row = self.row(of: key)
        self.drop(key)
        // What never was in the file need not be removed from it.
        if self.hasFile { self.changes[key] = row.map { Change(row: $0, learned: nil) } }
    }

    /// Also that of an entry whose removal the file has not seen yet.
    private func row(of key: Key) -> Int? { self[key]?.row ?? self.changes[key]?.row }

    private mutating func insert(_ entry: Entry) {
        self.drop(entry.key)
        self.entries[entry.learned.remote, default: []].append(entry)
        self.entries[entry.learned.remote]?.sort { $0.learned.quirk.name < $1.learned.quirk.name }
        self.count += 1
    }

    private mutating func drop(_ key: Key) {
        guard var entries = self.entries[key.remote], let index = entries.firstIndex(where: { $0.learned.quirk.name == key.quirk }) else { return }
        entries.remove(at: index)
        self.entries[key.remote] = entries.isEmpty ? nil : entries
        self.count -= 1
    }

    /// When there are too many, the hundredth of what was learned that was not seen for the longest time goes.
    private mutating func makeRoom(besides newest: Key) {
        guard self.count > Bounds.learned else { return }
        let learned = self.all.filter { $0.learned.origin == .learned && $0.key != newest }
        guard learned.count >= Bounds.learned else { return }
        for entry in learned.sorted(by: { $0.learned.lastSeen < $1.learned.lastSeen }).prefix(Bounds.learned / 100) { self.remove(entry.key) }
    }
}

// MARK: In step with the file

extension Ledger {
    mutating func takeChanges() -> Changes {
        defer { self.changes = [:] }
        return self.changes
    }

    /// They could not be written. What changed again in the meantime is newer.
    mutating func putBack(_ changes: Changes) {
        for (key, change) in changes {
            if let newer = self.changes[key] {
                self.changes[key] = Change(row: newer.row ?? change.row, learned: newer.learned)
            } else if change.learned == nil || self[key] != nil {
                self.changes[key] = change
            }
        }
    }

    /// The entries that were written for the first time, and their rows.
    mutating func settle(_ rows: [Key: Int]) {
        for (key, row) in rows {
            if var entry = self[key], entry.row == nil {
                entry.row = row
                self.insert(entry)
            }
            if let change = self.changes[key], change.row == nil {
                self.changes[key] = Change(row: row, learned: change.learned)
            } else if self[key] == nil, self.changes[key] == nil {
                self.changes[key] = Change(row: row, learned: nil)
            }
        }
    }

    /// The file is another one than before, so its rows say nothing: everything that is known is new to it.
    mutating func detach() {
        for entry in self.all { self.insert(Entry(learned: entry.learned, row: nil)) }
        self.changes = Dictionary(self.all.map { ($0.key, Change(row: nil, learned: $0.learned)) }) { first, _ in first }
    }

    /// The file is right, but for what changed here since it was read.
    /// - Returns: what someone else did to the file.
    mutating func adopt(_ rows: [Entry]) -> (forgotten: [Learned], added: [Learned]) {
        let before = Dictionary(self.all.map { ($0.key, $0) }) { first, _ in first }
        let file = Dictionary(rows.map { ($0.key, $0) }) { first, _ in first }
        self.changes = self.changes.filter { key, change in change.row == file[key]?.row }
        self.entries = [:]
        self.count = 0
        for entry in file.values where self.changes[entry.key] == nil { self.insert(entry) }
        for (_, change) in self.changes { if let learned = change.learned { self.insert(Entry(learned: learned, row: change.row)) } }
        for entry in rows {
            guard let probe = entry.learned.lastProbe, probe > self.probes.value(for: entry.learned.remote, at: probe) ?? .min else { continue }
            self.probes.set(probe, for: entry.learned.remote, at: probe)
        }
        return (
            before.values.filter { self[$0.key] == nil }.map(\.learned),
            self.all.filter { $0.row != nil && before[$0.key]?.row != $0.row }.map(\.learned)
        )
    }
}

extension QuirkSetting {
    /// The option that says how many messages a connection takes.
    var messages: Int? {
        guard case .integer(let messages)? = self.options["messages"] else { return nil }
        return messages
    }

    /// Whether what was just confirmed replaces what is known: of two limits only the smaller.
    func supersedes(_ known: QuirkSetting) -> Bool {
        guard let messages, let old = known.messages else { return true }
        return messages < old
    }
}
