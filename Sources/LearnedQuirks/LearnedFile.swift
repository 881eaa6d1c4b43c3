public import QuirkKit

/// The memory as the command line works on it (`mailshim learned`): directly in the file, also while a proxy has it in use.
///
/// Each operation is one short transaction; the proxy sees within about a second what was changed. Times are Unix seconds.
public struct LearnedFile: Sendable {
    public let path: String

    /// A missing file is an empty memory; `pin` and `add` make it.
    /// - Throws: where there is a file that cannot be read.
    public init(path: String) throws(MemoryError) {
        self.path = path
        _ = try self.list()
    }

    /// Everything in the file, in the order of remotes and quirks; also what has expired and was not removed yet.
    public func list() throws(MemoryError) -> [Learned] {
        guard Presence(of: self.path) != .none else { return [] }
        return try self.open().entries().map(\.learned)
    }

    /// - Parameter remote: "192.0.2.1:25", "[2001:db8::1]:25"; without a port: all its ports.
    public func show(_ remote: String) throws(MemoryError) -> [Learned] {
        let remote = try self.address(remote)
        return try self.list().filter { remote.means($0.remote) }
    }

    /// - Parameters:
    ///   - remote: as for `show`.
    ///   - quirk: nil: all of them.
    ///   - author: who does it, for the record.
    /// - Returns: what was forgotten.
    @discardableResult
    public func forget(_ remote: String, quirk: String? = nil, by author: AuditAuthor? = nil, now: Int = 0) throws(MemoryError) -> [Learned] {
        let remote = try self.address(remote)
        guard Presence(of: self.path) != .none else { return [] }
        return try self.open().transaction { store throws(MemoryError) in
            let meant = try store.entries().filter { remote.means($0.learned.remote) && (quirk == nil || quirk == $0.learned.quirk.name) }
            for entry in meant { if let row = entry.row { try store.delete(row, entry.key) } }
            if let author { try store.record(meant.map { author.entry("forget", of: $0.learned, at: now) }) }
            return meant.map(\.learned)
        }
    }

    /// From now on the quirk applies, and neither expires nor heals. What is known of it stays as evidence.
    /// - Parameters:
    ///   - remote: without a port: port 25.
    ///   - quirk: without options: with those that it was learned with.
    ///   - because: why, in the operator's words.
    ///   - author: who does it, for the record.
    @discardableResult
    public func pin(
        _ remote: String, _ quirk: QuirkSetting, because: String = "", by author: AuditAuthor? = nil, now: Int
    ) throws(MemoryError) -> Learned {
        let remote = try self.address(remote).text()
        return try self.open().transaction { store throws(MemoryError) in
            let known = try store.entries().first { $0.learned.remote == remote && $0.learned.quirk.name == quirk.name }?.learned
            var pinned = Learned(remote: remote, quirk: quirk, origin: .pinned, remark: because, firstSeen: now, lastSeen: now, expires: nil)
            if var known, quirk.options.isEmpty || quirk == known.quirk {
                known.origin = .pinned
                known.expires = nil
                known.cleanInARow = 0
                if !because.isEmpty { known.remark = pinned.remark }
                pinned = known
            }
            try store.replace(pinned)
            if let author { try store.record([author.entry("pin", of: pinned, at: now)]) }
            return pinned
        }
    }

    /// Puts entries of another memory into this one (`Learned.imported`). One that says no more than what is already known, or contradicts a pinned one, is left out.
    /// - Parameter author: who does it, for the record.
    /// - Returns: those that were added.
    @discardableResult
    public func add(_ entries: [Learned], by author: AuditAuthor? = nil, now: Int) throws(MemoryError) -> [Learned] {
        var named: [Learned] = []
        for var entry in entries {
            entry.remote = try self.address(entry.remote).text()
            named.append(entry)
        }
        return try self.open().transaction { store throws(MemoryError) in
            var known = Dictionary(try store.entries().map { ($0.key, $0.learned) }) { first, _ in first }
            var added: [Learned] = []
            for entry in named {
                let key = Key(remote: entry.remote, quirk: entry.quirk.name)
                if let old = known[key], !entry.isPinned, old.isPinned || (old.quirk == entry.quirk && !old.hasExpired(at: now)) { continue }
                try store.replace(entry)
                known[key] = entry
                added.append(entry)
            }
            if let author { try store.record(author.entries(ofImport: added, at: now)) }
            return added
        }
    }

    /// Octets that an export has at most: as many entries as are read of a file, each with the longest evidence.
    public static let longestExport = Bounds.rows * 10_000

    /// Config tables with the evidence as `because`, ready to paste and to import elsewhere.
    public func export(now: Int) throws(MemoryError) -> String { Self.tables(of: try self.list().filter { !$0.hasExpired(at: now) }) }

    public static func tables(of entries: [Learned]) -> String { ConfigTables.render(entries) }
}

extension LearnedFile {
    func open() throws(MemoryError) -> Store { try Store(path: self.path, patience: 5000) }

    func address(_ text: String) throws(MemoryError) -> RemoteAddress {
        guard let address = RemoteAddress(text) else { throw MemoryError(path: self.path, fault: .invalidRemote(text)) }
        return address
    }
}
