import QuirkKit
import Testing

@testable import LearnedQuirks

/// What changes in the ledger while the file is being written, and what becomes of it when that failed.
@Suite struct ChangesTests {
    private var ledger = Ledger(policy: .init(), hasFile: true)
    private let key = Key(remote: host, quirk: "message-limit")

    private mutating func find(now: Int = start) { _ = self.ledger.found(.noReuse, at: host, session: "s", now: now) }

    private mutating func heal() { for _ in 1...3 { _ = self.ledger.clean("message-limit", at: host, session: "s", now: start) } }

    /// Learned, and written in row 5.
    private mutating func write() -> Learned? {
        self.find()
        _ = self.ledger.takeChanges()
        self.ledger.settle([self.key: 5])
        return self.ledger.entries[self.key]?.learned
    }

    @Test mutating func written() {
        self.find()
        #expect(self.ledger.takeChanges().map(\.value.row) == [nil])
        self.ledger.settle([self.key: 5])
        #expect(self.ledger.changes == [:])
        self.ledger.used("message-limit", at: host, now: start)
        #expect(self.ledger.changes[self.key]?.row == 5)
        #expect(self.ledger.changes[self.key]?.learned?.timesUsed == 1)
    }

    @Test mutating func usedWhileItIsWritten() {
        self.find()
        _ = self.ledger.takeChanges()
        self.ledger.used("message-limit", at: host, now: start)
        self.ledger.settle([self.key: 5])
        #expect(self.ledger.changes[self.key]?.row == 5)
        #expect(self.ledger.entries[self.key]?.row == 5)
    }

    @Test mutating func removedWhileItIsWritten() {
        self.find()
        _ = self.ledger.takeChanges()
        self.heal()
        self.ledger.settle([self.key: 5])
        #expect(self.ledger.changes == [self.key: Change(row: 5, learned: nil)])
        #expect(self.ledger.entries.count == 0)
    }

    @Test mutating func removedWhileWritingItFails() {
        self.find()
        let changes = self.ledger.takeChanges()
        self.heal()
        self.ledger.putBack(changes)
        #expect(self.ledger.changes == [:])
    }

    @Test mutating func usedWhileWritingItFails() {
        self.find()
        let changes = self.ledger.takeChanges()
        self.ledger.used("message-limit", at: host, now: start)
        self.ledger.putBack(changes)
        #expect(self.ledger.changes[self.key]?.learned?.timesUsed == 1)
    }

    @Test mutating func learnedAnewWhileRemovingItFails() {
        _ = self.write()
        self.heal()
        let changes = self.ledger.takeChanges()
        #expect(changes == [self.key: Change(row: 5, learned: nil)])
        self.find(now: start + day)
        self.ledger.putBack(changes)
        #expect(self.ledger.changes[self.key]?.row == 5)
        #expect(self.ledger.changes[self.key]?.learned?.firstSeen == start + day)
    }

    @Test mutating func removingItFails() {
        _ = self.write()
        self.heal()
        self.ledger.putBack(self.ledger.takeChanges())
        #expect(self.ledger.changes == [self.key: Change(row: 5, learned: nil)])
    }

    /// What is learned and removed before it was ever written leaves nothing to do.
    @Test mutating func neverWritten() {
        self.find()
        self.heal()
        #expect(self.ledger.changes == [:])
    }

    /// While the file was read, it was used here: rows by number, nil for no such row; and whether it is known then and its use is still to be written.
    @Test(arguments: [(5, true), (nil, false), (6, false)] as [(Int?, Bool)])
    mutating func usedWhileTheFileIsRead(_ row: Int?, isKept: Bool) throws {
        let written = self.write()
        let learned = try #require(written)
        self.ledger.used("message-limit", at: host, now: start)
        let (forgotten, added) = self.ledger.adopt(row.map { [Entry(learned: learned, row: $0)] } ?? [])
        #expect(self.ledger.changes.isEmpty == !isKept)
        #expect(self.ledger.entries[self.key]?.learned.timesUsed == (row == nil ? nil : isKept ? 1 : 0))
        #expect(self.ledger.entries[self.key]?.row == row)
        #expect(forgotten.count == (row == nil ? 1 : 0))
        #expect(added.count == (row == 6 ? 1 : 0))
    }

    /// Learned while the file was read: it stays, unless someone has written the same in the meantime.
    @Test(arguments: [(nil, true), (6, false)] as [(Int?, Bool)])
    mutating func learnedWhileTheFileIsRead(_ row: Int?, isKept: Bool) {
        self.find()
        let pinned = Learned(remote: host, quirk: limit(7), origin: .pinned, firstSeen: start, lastSeen: start, expires: nil)
        _ = self.ledger.adopt(row.map { [Entry(learned: pinned, row: $0)] } ?? [])
        #expect(self.ledger.entries[self.key]?.learned.quirk == limit(isKept ? 1 : 7))
        #expect(self.ledger.changes.isEmpty == !isKept)
    }

    @Test mutating func anotherFile() {
        _ = self.write()
        self.ledger.detach()
        #expect(self.ledger.changes[self.key]?.row == nil)
        #expect(self.ledger.changes[self.key]?.learned?.quirk == limit(1))
        #expect(self.ledger.entries[self.key]?.row == nil)
    }

    @Test mutating func withoutAFileNothingPilesUp() {
        self.ledger = Ledger(policy: .init(), hasFile: false)
        self.find()
        self.heal()
        self.find()
        #expect(self.ledger.changes == [:])
    }
}
