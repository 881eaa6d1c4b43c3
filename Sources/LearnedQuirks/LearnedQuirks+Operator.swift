import Dispatch

/// What operators do with a running proxy's store: bypasses, and the record of changes.
extension LearnedQuirks {
    /// Those that hold now, by remote.
    public func bypasses(at now: Int) -> [Bypass] { self.operators.bypasses.active(at: now) }

    /// Whether mail to this remote is relayed unread.
    /// - Parameter remote: "192.0.2.1:25".
    public func isBypassed(_ remote: String, at now: Int) -> Bool { self.operators.bypasses.contains(remote, at: now) }

    /// From now on; in the place of one for the same remote.
    /// - Returns: false: there are too many.
    public func add(_ bypass: Bypass, remark: String = "", now: Int) async -> Bool {
        guard self.operators.bypasses.add(bypass, at: now) else { return false }
        await self.keepBypasses(
            AuditEntry(
                at: now, action: "bypass", subject: bypass.remote, detail: "for \(bypass.until - now) s", user: bypass.user, remark: remark,
                because: bypass.because), now: now)
        return true
    }

    /// - Parameter remote: as it was named.
    /// - Returns: the one that is over now; nil: there is none.
    public func endBypass(of remote: String, by author: AuditAuthor, now: Int) async -> Bypass? {
        guard let key = Bypass(remote: remote, since: 0, until: 0, user: "", because: "")?.remote, let bypass = self.operators.bypasses.end(key)
        else { return nil }
        await self.keepBypasses(
            AuditEntry(
                at: now, action: "bypass-end", subject: bypass.remote, user: author.user, remark: author.remark, because: author.because), now: now)
        return bypass
    }

    /// Takes down what somebody did. Where the file cannot be used it stands in the log alone.
    public func record(_ entry: AuditEntry) async {
        await self.onQueue { path in try? LearnedFile(path: path).record([entry]) }
    }

    private func keepBypasses(_ entry: AuditEntry, now: Int) async {
        let bypasses = self.bypasses(at: now)
        await self.onQueue { path in try? LearnedFile(path: path).keep(bypasses, [entry]) }
    }

    private func onQueue(_ body: @escaping @Sendable (String) -> Void) async {
        guard let path = self.operators.path else { return }
        await withCheckedContinuation { continuation in
            self.queue.async {
                body(path)
                continuation.resume()
            }
        }
    }
}

/// What of a store is not learned.
struct OperatorSide: Sendable {
    let bypasses = Bypasses()
    /// Of the file; nil: there is none.
    let path: String?

    /// Reads what the last process left.
    init(path: String?) {
        self.path = path
        guard let path, let kept = try? LearnedFile(path: path).bypasses(at: wallClock()) else { return }
        self.bypasses.adopt(kept)
    }
}

extension MemoryEvent {
    /// What it did of itself, for the record.
    var audit: AuditEntry? {
        let itself = AuditAuthor(user: "mailshim")
        return switch self {
        case .learned(let learned, _): itself.entry("learned", of: learned, at: learned.lastSeen)
        case .healed(let learned, _): itself.entry("healed", of: learned, at: learned.lastProbe ?? learned.lastSeen)
        case .expired(let learned): itself.entry("expired", of: learned, at: learned.expires ?? learned.lastSeen)
        case .changedByHand, .fileUnusable, .fileUsable: nil
        }
    }
}
