import Foundation
import QuirkKit
import Synchronization
import Testing

@testable import LearnedQuirks

/// The command line, or another proxy, changes the file while a proxy has it in use.
@Suite struct InStepTests {
    let folder: Folder
    let events = Events()
    let memory: LearnedQuirks
    let file: LearnedFile

    init() throws {
        self.folder = try Folder()
        self.memory = LearnedQuirks.file(self.folder.file, events: self.events)
        self.file = try LearnedFile(path: self.folder.file)
        self.memory.found(.noReuse)
        for _ in 1...2 { self.memory.found(.limit(9), at: other, session: "s", now: start) }
        self.memory.synchronise(now: start)
    }

    private var changes: [(forgotten: [QuirkSetting], added: [QuirkSetting])] {
        self.events.all.compactMap {
            guard case .changedByHand(let forgotten, let added) = $0 else { return nil }
            return (forgotten.map(\.quirk), added.map(\.quirk))
        }
    }

    private func inFile(_ remote: String = host) throws -> [QuirkSetting] { try self.file.show(remote).map(\.quirk) }

    @Test func forgotten() throws {
        #expect(try self.file.forget(host).count == 1)
        #expect(self.memory.quirks() == [limit(1)])
        self.memory.synchronise(now: start + 1)
        #expect(self.memory.quirks() == [])
        #expect(self.memory.quirks(of: other) == [limit(9)])
        #expect(self.changes.map(\.forgotten) == [[limit(1)]])
        #expect(self.changes.map(\.added) == [[]])
        // It can be learned again.
        self.memory.found(.noReuse)
        self.memory.synchronise(now: start + 2)
        #expect(try self.inFile() == [limit(1)])
        #expect(self.changes.count == 1)
    }

    /// What the proxy still had to say of a forgotten entry does not bring it back; what it learned otherwise is not lost.
    @Test func forgottenWhileItIsInUse() throws {
        try self.file.forget(host)
        self.memory.used("message-limit", at: host, now: start)
        self.memory.found(.noReuse)
        self.memory.found(.stickySender)
        self.memory.used("message-limit", at: other, now: start)
        self.memory.synchronise(now: start + 1)
        #expect(self.memory.quirks() == [QuirkSetting("sticky-sender")])
        #expect(try self.inFile() == [QuirkSetting("sticky-sender")])
        #expect(try self.file.show(other).map(\.timesUsed) == [1])
    }

    @Test func pinned() throws {
        try self.file.pin(host, limit(1), now: start)
        try self.file.pin(other, QuirkSetting("message-limit"), now: start)
        try self.file.pin("192.0.2.7", limit(4), because: "so says their postmaster", now: start)
        self.memory.used("message-limit", at: host, now: start)
        for _ in 1...3 { self.memory.clean("message-limit", now: start) }
        self.memory.synchronise(now: start + 1)
        let late = start + 400 * day
        self.memory.synchronise(now: late)
        #expect([host, other, "192.0.2.7:25"].map { self.memory.quirks(of: $0, at: late) } == [[limit(1)], [limit(9)], [limit(4)]])
        #expect(!self.memory.mayProbe("message-limit", at: host, now: late))
        for _ in 1...3 { self.memory.clean("message-limit", now: late) }
        for _ in 1...5 { self.memory.found(.limit(2), at: other, session: "s", now: late) }
        #expect(self.memory.known(of: host, at: late).map(\.isPinned) == [true])
        #expect(self.memory.quirks(of: other, at: late) == [limit(9)])
        #expect(self.memory.known(of: host, at: late).first?.reply == Finding.noReuse.reply)
        // Seen again, it is still pinned.
        self.memory.found(.noReuse, now: late)
        self.memory.synchronise(now: late)
        #expect(try self.file.show(host).map(\.isPinned) == [true])
        #expect(try self.file.show(host).map(\.lastSeen) == [late])
        #expect(try self.file.show(host).map(\.expires) == [nil])
    }

    @Test func imported() throws {
        let entry = Learned.imported(remote: "192.0.2.8:25", quirk: limit(20), because: "their manual", now: start, lifetime: 10 * day)
        let contradiction = Learned.imported(remote: host, quirk: limit(6), because: "", now: start, lifetime: 10 * day)
        let known = Learned.imported(remote: other, quirk: limit(9), because: "", now: start, lifetime: 10 * day)
        #expect(try self.file.add([entry, contradiction, known], now: start) == [entry, contradiction])
        self.memory.synchronise(now: start + 1)
        #expect(self.memory.known(of: "192.0.2.8:25", at: start) == [entry])
        #expect(self.memory.quirks() == [limit(6)])
        #expect(self.memory.known(of: other, at: start).map(\.origin) == [.learned])
        #expect(self.memory.quirks(of: "192.0.2.8:25", at: start + 10 * day) == [])
    }

    /// Both learned it in the same second: the file's stays.
    @Test func addedToBothAtOnce() throws {
        let remote = "192.0.2.9:25"
        try self.file.pin(remote, limit(7), now: start)
        self.memory.found(.noReuse, at: remote, session: "s", now: start)
        self.memory.synchronise(now: start + 1)
        #expect(self.memory.quirks(of: remote) == [limit(7)])
        #expect(try self.inFile(remote) == [limit(7)])
    }

    /// Healed here and pinned there in the same second: the operator is right.
    @Test func healedAndPinnedAtOnce() throws {
        for _ in 1...3 { self.memory.clean("message-limit", now: start + day) }
        #expect(self.memory.quirks() == [])
        try self.file.pin(host, limit(1), now: start)
        self.memory.synchronise(now: start + day)
        #expect(self.memory.known(of: host, at: start + day).map(\.isPinned) == [true])
        #expect(try self.file.show(host).map(\.isPinned) == [true])
    }

    /// A row's number never comes again, not even the last one's: what was meant for the row before does not hit the new one.
    @Test func aNewRowInTheLastRowsPlace() throws {
        let last = "192.0.2.99:25"
        self.memory.found(.noReuse, at: last, session: "s", now: start)
        self.memory.synchronise(now: start)
        for _ in 1...3 { self.memory.clean("message-limit", at: last, session: "s", now: start + day) }
        try self.file.forget(last)
        try self.file.pin(last, limit(1), now: start)
        self.memory.synchronise(now: start + day)
        #expect(try self.file.show(last).map(\.isPinned) == [true])
        #expect(self.memory.known(of: last, at: start + day).map(\.isPinned) == [true])
    }

    @Test func healedAndLearnedAnewBeforeItWasWritten() throws {
        for _ in 1...3 { self.memory.clean("message-limit", now: start + day) }
        self.memory.found(.noReuse, now: start + 2 * day)
        self.memory.synchronise(now: start + 2 * day)
        #expect(try self.file.show(host) == self.memory.known(of: host, at: start + 2 * day))
        #expect(try self.file.show(host).map(\.firstSeen) == [start + 2 * day])
        #expect(self.changes.isEmpty)
    }

    /// `rm learned.sqlite` under a running proxy costs nothing.
    @Test func theFileIsDeleted() throws {
        self.memory.used("message-limit", at: host, now: start)
        try FileManager.default.removeItem(atPath: self.folder.file)
        self.memory.synchronise(now: start + 1)
        #expect(try self.file.list() == [host, other].flatMap { self.memory.known(of: $0, at: start) })
        #expect(try self.file.show(host).map(\.timesUsed) == [1])
        #expect(self.events.unusable == [])
    }

    /// Another memory is put in its place: both are known then, and where they differ the file is right.
    @Test func theFileIsReplaced() throws {
        let elsewhere = try Folder()
        let another = try LearnedFile(path: elsewhere.file)
        for remote in ["192.0.2.50:25", other] { try another.pin(remote, limit(3), now: start) }
        try FileManager.default.removeItem(atPath: self.folder.file)
        try FileManager.default.moveItem(atPath: elsewhere.file, toPath: self.folder.file)
        self.memory.synchronise(now: start + 1)
        #expect([host, other, "192.0.2.50:25"].map { self.memory.quirks(of: $0) } == [[limit(1)], [limit(3)], [limit(3)]])
        #expect(try self.file.list().map(\.quirk) == [limit(1), limit(3), limit(3)])
    }

    /// A backup of the same file is put back: what was learned since is gone, as meant.
    @Test func anOlderCopyIsPutBack() throws {
        let backup = try self.folder.bytes()
        self.memory.found(.stickySender)
        self.memory.synchronise(now: start)
        try backup.write(to: URL(fileURLWithPath: self.folder.path + "/backup"))
        rename(self.folder.path + "/backup", self.folder.file)
        self.memory.synchronise(now: start + 1)
        #expect(self.memory.quirks() == [limit(1)])
        #expect(self.memory.quirks(of: other) == [limit(9)])
    }

    @Test func twoProxiesShareAFile() throws {
        let second = LearnedQuirks.file(self.folder.file)
        #expect(second.quirks() == [limit(1)])
        second.found(.stickySender)
        second.synchronise(now: start)
        self.memory.synchronise(now: start)
        #expect(self.memory.quirks() == [limit(1), QuirkSetting("sticky-sender")])
        self.memory.used("sticky-sender", at: host, now: start)
        self.memory.synchronise(now: start)
        second.synchronise(now: start)
        #expect(second.known(of: host, at: start) == self.memory.known(of: host, at: start))
        #expect(self.changes.map(\.added) == [[QuirkSetting("sticky-sender")]])
    }

    /// While someone else writes, nothing is lost; it is written later.
    @Test func theFileIsLocked() throws {
        let path = self.folder.file
        let store = try Store(path: path, patience: 0)
        let proxy = FileLink(path: path, patience: 0)
        let ledger = LedgerBox()
        ledger.value.withLock { _ = $0.found(.stickySender, at: host, session: "s", now: start) }
        try store.transaction { _ throws(MemoryError) in
            for second in 0..<Bounds.patience - 1 {
                #expect(proxy.synchronise(with: ledger.value, now: start + second, isLast: false) == [])
            }
            let told = proxy.synchronise(with: ledger.value, now: start + 20, isLast: false)
            #expect(told == [.fileUnusable(path: path, message: MemoryError(path: path, fault: .locked).description)])
        }
        #expect(proxy.synchronise(with: ledger.value, now: start + 21, isLast: false) == [.fileUsable(path: path)])
        #expect(try self.inFile() == [limit(1), QuirkSetting("sticky-sender")])
    }
}

private final class LedgerBox: Sendable {
    let value = Mutex(Ledger(policy: .init(), hasFile: true))
}
