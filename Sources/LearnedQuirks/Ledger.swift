import QuirkKit

/// What is known, what is about to be known, and by which rules (docs/design.md, "The founding family, exactly"). No file, no clock.
struct Ledger: Sendable {
    var policy: LearnedQuirks.Policy { didSet { self.policy = self.policy.bounded } }
    var entries = Entries()
    /// What the file does not have yet; always empty without a file.
    var changes: Changes = [:]
    let hasFile: Bool

    /// When a session last asked to do without a quirk, by remote.
    var probes = Fading<String, Int>(lifetime: Bounds.probeInterval)
    /// When a host last did well.
    private var deeds = Fading<String, [Ability: Int]>(lifetime: Bounds.month)
    /// Quirks whose repair failed, and when.
    private var failures = Fading<String, [String: Int]>(lifetime: Bounds.barred)
    private var candidates = Candidates()
    private var reuse = Fading<String, Reuse>(lifetime: Bounds.day)
    private var suspicions = Fading<String, [Finding]>(lifetime: Bounds.day, limit: Bounds.suspectedRemotes)

    init(policy: LearnedQuirks.Policy, hasFile: Bool) {
        self.policy = policy.bounded
        self.hasFile = hasFile
    }

    func known(of remote: String, at now: Int) -> [Learned] {
        guard self.policy.enabled else { return [] }
        return self.entries[remote].compactMap { entry in
            guard !entry.learned.hasExpired(at: now) else { return nil }
            var learned = entry.learned
            learned.quirk = QuirkSetting(learned.quirk.name, learned.options(at: now))
            learned.isDueForProbe = self.isDueForProbe(learned, now)
            return learned
        }
    }

    mutating func found(_ finding: Finding, at remote: String, session: String, now: Int) -> [MemoryEvent] {
        guard self.policy.enabled else { return [] }
        if finding.counting.confirmedBySender, let sender = finding.sender { self.forgetSuspicion(of: sender, at: remote, now) }
        let key = Key(remote: remote, quirk: finding.quirk.name)
        if let known = self.entries[key]?.learned, !known.hasExpired(at: now) {
            if known.quirk == finding.quirk {
                self.put(self.seenAgain(known, finding, now))
                return []
            }
            guard !known.isPinned, finding.supersedes(known, at: now) else { return [] }
        }
        let (count, firstSeen) = self.candidates.count(
            finding.quirk, with: finding.sender, at: remote, spacing: finding.counting.spacing, now: now)
        guard count >= max(finding.counting.needed, self.isDoubted(finding, at: remote, now) ? Bounds.neededAfterReuse : 1),
            now - firstSeen >= finding.counting.span
        else { return [] }
        self.candidates.forget(key)
        let learned = Learned(
            remote: remote, quirk: finding.quirk, origin: .learned, sent: finding.sent, reply: finding.reply,
            firstSeen: firstSeen, lastSeen: now, expires: now + self.lifetime(of: finding), ending: finding.counting.ending)
        self.put(learned)
        self.makeRoom(besides: key)
        return [.learned(learned, session: session)]
    }

    mutating func suspected(_ finding: Finding, at remote: String, now: Int) {
        guard self.policy.enabled, finding.sender != nil else { return }
        var known = self.suspicions(of: remote, at: now)
        guard !known.contains(where: { $0.sender == finding.sender }) else { return }
        known.append(finding)
        self.suspicions.set(known.suffix(Bounds.suspicions), for: remote, at: now)
    }

    func suspicions(of remote: String, at now: Int) -> [Finding] {
        self.policy.enabled ? self.suspicions.value(for: remote, at: now) ?? [] : []
    }

    private mutating func forgetSuspicion(of sender: String, at remote: String, _ now: Int) {
        let rest = self.suspicions(of: remote, at: now).filter { $0.sender != sender }
        if rest.isEmpty { self.suspicions.remove(remote) } else { self.suspicions.set(rest, for: remote, at: now) }
    }

    /// Of a remote whose connections were lately seen to go on, what speaks against it is believed only the third time.
    private func isDoubted(_ finding: Finding, at remote: String, _ now: Int) -> Bool {
        switch finding.counting.doubt {
        case .never: false
        case .ability(let ability): self.abilities(of: remote, at: now).contains(ability)
        case .reuse(let past): self.reuse.value(for: remote, at: now)?.reached(past: past, at: now) ?? false
        }
    }

    /// What it says itself, but no longer than the operator wants anything believed.
    private func lifetime(of finding: Finding) -> Int { min(finding.counting.lasts ?? .max, self.policy.expires) }

    private func seenAgain(_ known: Learned, _ finding: Finding, _ now: Int) -> Learned {
        var known = known
        known.lastSeen = max(now, known.lastSeen)
        known.cleanInARow = 0
        if let expires = known.expires { known.expires = max(expires, now + self.lifetime(of: finding)) }
        return known
    }

    mutating func failed(_ quirk: String, at remote: String, now: Int) {
        let fresh = (self.failures.value(for: remote, at: now) ?? [:]).filter { now - $0.value < Bounds.barred }
        self.failures.set(fresh.merging([quirk: now]) { $1 }, for: remote, at: now)
    }

    func barred(at remote: String, now: Int) -> Set<String> {
        guard let failures = self.failures.value(for: remote, at: now) else { return [] }
        return Set(failures.filter { now - $0.value < Bounds.barred }.keys)
    }

    mutating func did(_ ability: Ability, at remote: String, now: Int) {
        var deeds = self.deeds.value(for: remote, at: now) ?? [:]
        deeds[ability] = now
        self.deeds.set(deeds, for: remote, at: now)
    }

    func abilities(of remote: String, at now: Int) -> Set<Ability> {
        guard let deeds = self.deeds.value(for: remote, at: now) else { return [] }
        return Set(deeds.filter { now - $0.value < $0.key.lifetime }.keys)
    }

    mutating func reused(_ remote: String, mails: Int, now: Int) {
        guard self.policy.enabled else { return }
        var reuse = self.reuse.value(for: remote, at: now) ?? Reuse()
        reuse.note(mails: mails, at: now)
        self.reuse.set(reuse, for: remote, at: now)
    }

    mutating func used(_ quirk: String, at remote: String, now: Int) {
        guard self.policy.enabled, var learned = self.entries[Key(remote: remote, quirk: quirk)]?.learned, !learned.hasExpired(at: now) else {
            return
        }
        learned.timesUsed = (learned.timesUsed + 1).clamped(to: Bounds.time)
        self.put(learned)
    }

    mutating func clean(_ quirk: String, at remote: String, session: String, now: Int) -> [MemoryEvent] {
        let key = Key(remote: remote, quirk: quirk)
        guard self.policy.enabled, var learned = self.entries[key]?.learned, learned.heals, !learned.isPinned, !learned.hasExpired(at: now) else {
            return []
        }
        learned.cleanInARow = (learned.cleanInARow + 1).clamped(to: Bounds.time)
        guard learned.cleanInARow >= Bounds.cleanToHeal else {
            self.put(learned)
            return []
        }
        self.remove(key)
        return [.healed(learned, session: session)]
    }

    mutating func mayProbe(_ quirk: String, at remote: String, now: Int) -> Bool {
        guard self.policy.enabled, var learned = self.entries[Key(remote: remote, quirk: quirk)]?.learned, self.isDueForProbe(learned, now) else {
            return false
        }
        learned.lastProbe = now
        self.probes.set(now, for: remote, at: now)
        self.put(learned)
        return true
    }

    private func isDueForProbe(_ learned: Learned, _ now: Int) -> Bool {
        learned.heals && !learned.isPinned && !learned.hasExpired(at: now) && (learned.isProbedHourly || now - learned.lastSeen >= self.policy.heal)
            && self.probes.value(for: learned.remote, at: now) == nil
    }

    /// Drops what has expired. While learning is switched off nothing is touched.
    mutating func sweep(_ now: Int) -> [MemoryEvent] {
        guard self.policy.enabled else { return [] }
        let expired = self.entries.expired(at: now)
        for entry in expired { self.remove(entry.key) }
        return expired.map { .expired($0.learned) }
    }

    private mutating func put(_ learned: Learned) {
        let key = Key(remote: learned.remote, quirk: learned.quirk.name)
        let row = self.row(of: key)
        self.entries.put(Entry(learned: learned, row: row))
        if self.hasFile { self.changes[key] = Change(row: row, learned: learned) }
    }

    private mutating func remove(_ key: Key) {
        let row = self.row(of: key)
        self.entries.remove(key)
        // What never was in the file need not be removed from it.
        if self.hasFile { self.changes[key] = row.map { Change(row: $0, learned: nil) } }
    }

    /// Also that of an entry whose removal the file has not seen yet.
    private func row(of key: Key) -> Int? { self.entries[key]?.row ?? self.changes[key]?.row }

    /// When there are too many, the hundredth of what was learned that was not seen for the longest time goes.
    private mutating func makeRoom(besides newest: Key) {
        guard self.entries.count > Bounds.learned else { return }
        let learned = self.entries.all.filter { $0.learned.origin == .learned && $0.key != newest }
        guard learned.count >= Bounds.learned else { return }
        for entry in learned.sorted(by: { $0.learned.lastSeen < $1.learned.lastSeen }).prefix(Bounds.learned / 100) { self.remove(entry.key) }
    }
}

extension Finding {
    /// Whether what was just confirmed replaces what is known (of two limits only the smaller).
    func supersedes(_ known: Learned, at now: Int) -> Bool {
        switch self.counting.replaces {
        case .always: return true
        case .smaller(let option):
            guard let new = self.quirk.options.integer(option), let old = known.options(at: now).integer(option) else { return true }
            return new < old
        }
    }
}
