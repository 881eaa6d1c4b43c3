import Foundation
import QuirkKit
import Testing

@testable import LearnedQuirks

/// A file that cannot be used costs the memory on disk, never a session; it is said once, in words, and the file is left alone.
@Suite struct UnusableFileTests {
    let folder: Folder

    init() throws { self.folder = try Folder() }

    /// The memory works, and the fault is said once.
    private func check(_ path: String, words: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let events = Events()
        let memory = LearnedQuirks.file(path, events: events)
        memory.found(.noReuse)
        for second in 1...200 { memory.synchronise(now: start + second) }
        #expect(memory.quirks() == [limit(1)], sourceLocation: sourceLocation)
        #expect(events.unusable.count == 1, sourceLocation: sourceLocation)
        #expect(events.unusable.first?.contains(words) == true, "\(events.unusable)", sourceLocation: sourceLocation)
        #expect(events.unusable.first?.hasPrefix(path) == true, sourceLocation: sourceLocation)
    }

    @Test func aDirectory() { self.check(self.folder.path, words: "is a directory") }

    @Test func belowAFile() throws {
        try self.folder.write("", to: "file")
        self.check(self.folder.path + "/file/learned.sqlite", words: "Not a directory")
        self.check(self.folder.path + "/file/a/b/learned.sqlite", words: "Not a directory")
    }

    @Test func aFolderThatCannotBeMade() { self.check("/proc/nowhere/learned.sqlite", words: "cannot be opened") }

    @Test func aDevice() { self.check("/dev/null", words: "not a regular file") }

    @Test func noName() {
        let memory = LearnedQuirks.file("", events: Events())
        memory.found(.noReuse)
        #expect(memory.quirks() == [limit(1)])
    }

    /// SQLite would not write a file of this name.
    @Test func aNameThatMeansSomethingToSQLite() {
        let path = Database.name(of: ":memory:")
        #expect(path == "./:memory:")
        #expect(Database.name(of: "file:x?mode=memory") == "./file:x?mode=memory")
        #expect(Database.name(of: self.folder.file) == self.folder.file)
    }

    @Test(arguments: ["Dear diary, this is no database.\n", String(repeating: "x", count: 10_000)])
    func notADatabase(_ text: String) throws {
        try self.folder.write(text)
        self.check(self.folder.file, words: "is not a SQLite database")
        #expect(try self.folder.bytes() == Data(text.utf8))
        #expect(throws: MemoryError(path: self.folder.file, fault: .notADatabase)) { try LearnedFile(path: self.folder.file) }
    }

    @Test func damaged() throws {
        do {
            let memory = LearnedQuirks.file(self.folder.file)
            for port in 1...500 { memory.found(.noReuse, at: "192.0.2.1:\(port)", session: "s", now: start) }
            memory.synchronise(now: start)
        }
        var bytes = try self.folder.bytes()
        try #require(bytes.count > 3 * 4096)
        bytes.replaceSubrange(4096..<bytes.count, with: Data(repeating: 0xA5, count: bytes.count - 4096))
        try bytes.write(to: URL(fileURLWithPath: self.folder.file))
        self.check(self.folder.file, words: "is damaged")
        #expect(try self.folder.bytes() == bytes)
    }

    @Test func truncated() throws {
        do {
            let memory = LearnedQuirks.file(self.folder.file)
            memory.found(.noReuse)
            memory.synchronise(now: start)
        }
        let bytes = try self.folder.bytes().prefix(5000)
        try bytes.write(to: URL(fileURLWithPath: self.folder.file))
        self.check(self.folder.file, words: "is damaged")
        #expect(try self.folder.bytes() == bytes)
    }

    @Test func fromTheFuture() throws {
        LearnedQuirks.file(self.folder.file).synchronise(now: start)
        try sql(self.folder.file, "PRAGMA user_version = 99")
        let bytes = try self.folder.bytes()
        self.check(self.folder.file, words: "newer mailshim (layout 99")
        #expect(try self.folder.bytes() == bytes)
        #expect(throws: MemoryError(path: self.folder.file, fault: .newer(99))) { try LearnedFile(path: self.folder.file) }
    }

    @Test(arguments: [
        "CREATE TABLE mails (id)", "CREATE TABLE mails (id); PRAGMA user_version = 1", "PRAGMA user_version = -1", "PRAGMA user_version = 2",
    ])
    func ofSomethingElse(_ statements: String) throws {
        try sql(self.folder.file, statements)
        let bytes = try self.folder.bytes()
        self.check(self.folder.file, words: "something else")
        #expect(try self.folder.bytes() == bytes)
    }

    @Test(.enabled(if: OwnMounts.isAllowed, "needs root, to mount a read-only folder"))
    func readOnly() throws {
        do {
            let memory = LearnedQuirks.file(self.folder.file)
            memory.found(.noReuse, at: other, session: "s", now: start)
            memory.synchronise(now: start)
        }
        let events = Events()
        let (folder, file) = (self.folder.path, self.folder.file)
        let known = try OwnMounts.run {
            try OwnMounts.readOnly(folder)
            let memory = LearnedQuirks.file(file, events: events)
            memory.found(.noReuse)
            for second in 1...100 { memory.synchronise(now: start + second) }
            let readable = try LearnedFile(path: file).list().map(\.remote)
            #expect(throws: MemoryError(path: file, fault: .readOnly)) { try LearnedFile(path: file).pin(host, limit(1), now: start) }
            OwnMounts.unmount(folder)
            memory.synchronise(now: start + 200)
            return [readable, [host, other].filter { !memory.known(of: $0, at: start).isEmpty }]
        }
        #expect(known == [[other], [host, other]])
        #expect(events.unusable == [MemoryError(path: self.folder.file, fault: .readOnly).description])
        #expect(events.usable == 1)
        #expect(try LearnedFile(path: self.folder.file).list().map(\.remote) == [host, other])
    }

    /// A missing file in a folder that cannot be written.
    @Test(.enabled(if: OwnMounts.isAllowed, "needs root, to mount a read-only folder"))
    func readOnlyFolder() throws {
        let events = Events()
        let (folder, file) = (self.folder.path, self.folder.file)
        let quirks = try OwnMounts.run {
            try OwnMounts.readOnly(folder)
            let memory = LearnedQuirks.file(file, events: events)
            memory.found(.noReuse)
            memory.synchronise(now: start + 1)
            return memory.quirks()
        }
        #expect(quirks == [limit(1)])
        #expect(events.unusable.count == 1)
        #expect(events.unusable.first?.contains("Read-only file system") == true, "\(events.unusable)")
    }

    /// The disk fills while the memory is in use, and is emptied again.
    @Test(.enabled(if: OwnMounts.isAllowed, "needs root, to mount a small disk"))
    func fullDisk() throws {
        let events = Events()
        let (folder, file) = (self.folder.path, self.folder.file)
        let remotes = (1...300).map { "192.0.2.1:\($0)" }
        let (inMemory, inFile) = try OwnMounts.run {
            try OwnMounts.tmpfs(folder, bytes: 128 << 10)
            let memory = LearnedQuirks.file(file, events: events)
            memory.found(.noReuse, at: "192.0.2.1:1", session: "s", now: start)
            memory.synchronise(now: start)
            let filler = open(folder + "/filler", O_CREAT | O_WRONLY, 0o600)
            let page = [UInt8](repeating: 1, count: 1024)
            while write(filler, page, page.count) > 0 {}
            for (second, remote) in remotes.enumerated() {
                memory.found(.noReuse, at: remote, session: "s", now: start + second)
                memory.synchronise(now: start + second)
            }
            let inMemory = remotes.count { !memory.known(of: $0, at: start).isEmpty }
            // What was there before is whole.
            let inFile = try LearnedFile(path: file).list().count
            close(filler)
            unlink(folder + "/filler")
            memory.synchronise(now: start + 400)
            return ([inMemory, remotes.count { !memory.known(of: $0, at: start).isEmpty }], [inFile, try LearnedFile(path: file).list().count])
        }
        #expect(inMemory == [300, 300])
        #expect(inFile == [1, 300])
        #expect(events.unusable == [MemoryError(path: self.folder.file, fault: .full).description])
        #expect(events.usable == 1)
    }

    /// A disk that is full from the start.
    @Test(.enabled(if: OwnMounts.isAllowed, "needs root, to mount a small disk"))
    func fullFromTheStart() throws {
        let events = Events()
        let (folder, file) = (self.folder.path, self.folder.file)
        let quirks = try OwnMounts.run {
            try OwnMounts.tmpfs(folder, bytes: 4096)
            let memory = LearnedQuirks.file(file, events: events)
            memory.found(.noReuse)
            for second in 1...100 { memory.synchronise(now: start + second) }
            return memory.quirks()
        }
        #expect(quirks == [limit(1)])
        #expect(events.unusable == [MemoryError(path: self.folder.file, fault: .full).description])
    }

    /// The operator moves the broken file away: what was learned meanwhile is in the new one.
    @Test func putRight() throws {
        try self.folder.write("no database, however long one looks at it")
        let events = Events()
        let memory = LearnedQuirks.file(self.folder.file, events: events)
        memory.found(.noReuse)
        memory.synchronise(now: start + 5)
        try FileManager.default.moveItem(atPath: self.folder.file, toPath: self.folder.file + ".damaged")
        memory.synchronise(now: start + 5 + Bounds.retry.upperBound)
        #expect(events.usable == 1)
        #expect(try LearnedFile(path: self.folder.file).list().map(\.quirk) == [limit(1)])
        #expect(memory.quirks() == [limit(1)])
    }

    /// When the process ends, the file is tried once more, whatever its turn.
    @Test func theLastTryIsNotPutOff() throws {
        try self.folder.write("no database")
        let memory = LearnedQuirks.file(self.folder.file)
        memory.found(.noReuse)
        for second in 1...100 { memory.synchronise(now: start + second) }
        try FileManager.default.removeItem(atPath: self.folder.file)
        memory.synchronise(now: start + 101)
        #expect(try LearnedFile(path: self.folder.file).list() == [])
        memory.synchronise(now: start + 101, isLast: true)
        #expect(try LearnedFile(path: self.folder.file).list().map(\.quirk) == [limit(1)])
    }

    /// Two tries in the first three seconds, later one a minute; the last one when the process ends is not put off.
    @Test func isTriedNowAndThen() {
        var trouble = Trouble()
        var tries: [Int] = []
        for second in 0...300 where trouble.isOver(second) {
            tries.append(second)
            _ = trouble.met(.full, second)
        }
        #expect(tries == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243])
        #expect(trouble.isOver(0))
    }

    /// Another process that holds a lock for a moment is no news.
    @Test func aLockIsToldWhenItLasts() {
        var trouble = Trouble()
        #expect((1...30).map { trouble.met(.locked, $0) }.firstIndex(of: true) == Bounds.patience - 1)
        #expect((1...30).allSatisfy { !trouble.met(.locked, $0) })
    }
}
