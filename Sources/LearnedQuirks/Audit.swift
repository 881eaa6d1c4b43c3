import QuirkKit

/// A change from outside, or one that Mailshim made of itself: what, when, by whom and why.
public struct AuditEntry: Hashable, Sendable {
    /// Unix seconds.
    public var at: Int
    /// "forget", "pin", "import", "bypass", "bypass-end", "kill", "reload"; of itself "learned", "healed", "expired".
    public var action: String
    /// The remote or the session; "" where it is about neither.
    public var subject: String
    /// A quirk with its options, a length of time, …
    public var detail: String
    /// The user's name as the kernel knows it; "mailshim" for what it did of itself.
    public var user: String
    /// `SUDO_USER`, which is a remark and no proof.
    public var remark: String
    public var because: String

    public init(
        at: Int, action: String, subject: String = "", detail: String = "", user: String, remark: String = "", because: String = ""
    ) {
        self.at = at.clamped(to: Bounds.time)
        self.action = Evidence.kept(action)
        self.subject = Evidence.kept(subject)
        self.detail = Evidence.kept(detail)
        self.user = Evidence.kept(user)
        self.remark = Evidence.kept(remark)
        self.because = Evidence.kept(because)
    }
}

/// Who changes the store, and why.
public struct AuditAuthor: Hashable, Sendable {
    public var user: String
    public var remark: String
    public var because: String

    public init(user: String, remark: String = "", because: String = "") {
        (self.user, self.remark, self.because) = (user, remark, because)
    }

    /// One each; of many the number alone, which would drive out all else.
    func entries(ofImport added: [Learned], at now: Int) -> [AuditEntry] {
        guard added.count > 100 else { return added.map { self.entry("import", of: $0, at: now) } }
        return [
            AuditEntry(
                at: now, action: "import", detail: "\(added.count) entries", user: self.user, remark: self.remark, because: self.because)
        ]
    }

    func entry(_ action: String, of learned: Learned, at now: Int) -> AuditEntry {
        let options = learned.quirk.options.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        return AuditEntry(
            at: now, action: action, subject: learned.remote, detail: learned.quirk.name + options, user: self.user, remark: self.remark,
            because: self.because)
    }
}

extension Store {
    /// Beside what is there; of the oldest no more than the bound is kept.
    func record(_ entries: [AuditEntry]) throws(MemoryError) {
        // Many in a statement: an import has thousands.
        for start in stride(from: 0, to: entries.count, by: 100) {
            let some = entries[start..<min(start + 100, entries.count)]
            try self.database.run(
                "INSERT INTO audit (at, action, subject, detail, user, remark, because) VALUES "
                    + some.map { _ in "(?, ?, ?, ?, ?, ?, ?)" }.joined(separator: ", "),
                some.flatMap { entry -> [Cell] in
                    [
                        .integer(entry.at), .text(entry.action), .text(entry.subject), .text(entry.detail), .text(entry.user),
                        .text(entry.remark), .text(entry.because),
                    ]
                })
        }
        try self.database.run("DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - \(Bounds.audit)")
    }

    /// The newest first.
    func audit(limit: Int) throws(MemoryError) -> [AuditEntry] {
        guard try self.hasTable("audit") else { return [] }
        return try self.database.run(
            "SELECT at, action, subject, detail, user, remark, because FROM audit ORDER BY id DESC LIMIT \(limit.clamped(to: 0...Bounds.audit))"
        ).map { cells in
            AuditEntry(
                at: cells[0].integer ?? 0, action: cells[1].text ?? "", subject: cells[2].text ?? "", detail: cells[3].text ?? "",
                user: cells[4].text ?? "", remark: cells[5].text ?? "", because: cells[6].text ?? "")
        }
    }

    func hasTable(_ name: String) throws(MemoryError) -> Bool {
        try !self.database.run("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1", [.text(name)]).isEmpty
    }
}

extension LearnedFile {
    /// What was done to a remote, or to all; the newest first.
    /// - Parameter remote: as for `show`; nil: everything.
    public func history(of remote: String? = nil, limit: Int = 1000) throws(MemoryError) -> [AuditEntry] {
        let address = try remote.map { (text) throws(MemoryError) in try self.address(text) }
        guard Presence(of: self.path) != .none else { return [] }
        let all = try self.open().audit(limit: Bounds.audit)
        return Array(all.filter { entry in address?.means(entry.subject) ?? true }.prefix(limit))
    }

    public func record(_ entries: [AuditEntry]) throws(MemoryError) {
        try self.open().transaction { store throws(MemoryError) in try store.record(entries) }
    }
}
