import Glibc
import Synchronization

/// A remote whose mail is relayed unread for a while, because an operator said so (`mailshim bypass`).
public struct Bypass: Hashable, Sendable {
    /// An address, "192.0.2.1", or one with its port, "192.0.2.1:25".
    public var remote: String
    /// Unix seconds.
    public var since: Int
    public var until: Int
    public var user: String
    public var because: String

    /// - Returns: nil where it is no address.
    public init?(remote: String, since: Int, until: Int, user: String, because: String) {
        guard let address = RemoteAddress(remote) else { return nil }
        self.remote = address.port == nil ? address.address : address.text()
        self.since = since.clamped(to: Bounds.time)
        self.until = until.clamped(to: Bounds.time)
        self.user = Evidence.kept(user)
        self.because = Evidence.kept(because)
    }
}

/// All of them. What holds is in memory; the file has it too, for the next start.
final class Bypasses: Sendable {
    private let all = Mutex<[String: Bypass]>([:])
    /// So that a session asks no lock where there are none.
    private let count = Atomic(0)

    func active(at now: Int) -> [Bypass] { self.all.withLock { $0.values.filter { $0.until > now } }.sorted { $0.remote < $1.remote } }

    /// - Parameter remote: as the store keys it: "192.0.2.1:25".
    func contains(_ remote: String, at now: Int) -> Bool {
        guard self.count.load(ordering: .relaxed) > 0 else { return false }
        let address = RemoteAddress(remote)?.address ?? remote
        return self.all.withLock { all in [remote, address].contains { key in all[key].map { $0.until > now } ?? false } }
    }

    /// - Returns: false: there are too many.
    func add(_ bypass: Bypass, at now: Int) -> Bool {
        self.change { all in
            all = all.filter { $0.value.until > now }
            guard all[bypass.remote] != nil || all.count < Bounds.bypasses else { return false }
            all[bypass.remote] = bypass
            return true
        }
    }

    func end(_ remote: String) -> Bypass? { self.change { $0.removeValue(forKey: remote) } }

    func adopt(_ bypasses: [Bypass]) {
        self.change { all in for bypass in bypasses.prefix(Bounds.bypasses) where all[bypass.remote] == nil { all[bypass.remote] = bypass } }
    }

    private func change<Result>(_ body: (inout [String: Bypass]) -> Result) -> Result {
        self.all.withLock { all in
            let result = body(&all)
            self.count.store(all.count, ordering: .relaxed)
            return result
        }
    }
}

extension Store {
    func bypasses() throws(MemoryError) -> [Bypass] {
        guard try self.hasTable("bypass") else { return [] }
        return try self.database.run("SELECT remote, since, until, user, because FROM bypass LIMIT \(Bounds.bypasses)").compactMap { cells in
            Bypass(
                remote: cells[0].text ?? "", since: cells[1].integer ?? 0, until: cells[2].integer ?? 0, user: cells[3].text ?? "",
                because: cells[4].text ?? "")
        }
    }

    /// In the place of those that are in it.
    func keep(_ bypasses: [Bypass]) throws(MemoryError) {
        try self.database.run("DELETE FROM bypass")
        for bypass in bypasses {
            try self.database.run(
                "INSERT INTO bypass (remote, since, until, user, because) VALUES (?1, ?2, ?3, ?4, ?5)",
                [.text(bypass.remote), .integer(bypass.since), .integer(bypass.until), .text(bypass.user), .text(bypass.because)])
        }
    }
}

extension LearnedFile {
    /// Those that hold now.
    public func bypasses(at now: Int) throws(MemoryError) -> [Bypass] {
        guard Presence(of: self.path) != .none else { return [] }
        return try self.open().bypasses().filter { $0.until > now }
    }

    func keep(_ bypasses: [Bypass], _ entries: [AuditEntry]) throws(MemoryError) {
        try self.open().transaction { store throws(MemoryError) in
            try store.keep(bypasses)
            try store.record(entries)
        }
    }
}
