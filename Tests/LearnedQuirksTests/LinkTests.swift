import Foundation
import QuirkKit
import Testing

@testable import LearnedQuirks

/// The file is the one that was named: whoever may write to its folder cannot lead root to another place by a link, nor have it read by everybody.
@Suite struct LinkTests {
    let folder: Folder

    init() throws { self.folder = try Folder() }

    private var target: String { self.folder.path + "/elsewhere" }

    private func link(_ suffix: String = "") throws {
        try FileManager.default.createSymbolicLink(atPath: self.folder.file + suffix, withDestinationPath: self.target)
    }

    @Test func aDanglingLinkMakesNoFile() throws {
        try self.link()
        let fault = MemoryError(path: self.folder.file, fault: .isLink)
        let events = Events()
        let memory = LearnedQuirks.file(self.folder.file, events: events)
        memory.found(.noReuse)
        for second in 1...100 { memory.synchronise(now: start + second) }
        #expect(memory.quirks() == [limit(1)])
        #expect(events.unusable == [fault.description])
        #expect(throws: fault) { try LearnedFile(path: self.folder.file) }
        #expect(!FileManager.default.fileExists(atPath: self.target))
    }

    @Test func aLinkToADatabaseOfOursIsNotFollowedEither() throws {
        LearnedQuirks.file(self.target).synchronise(now: start)
        let bytes = try self.folder.bytes("elsewhere")
        try self.link()
        #expect(throws: MemoryError(path: self.folder.file, fault: .isLink)) { try LearnedFile(path: self.folder.file) }
        #expect(try self.folder.bytes("elsewhere") == bytes)
    }

    /// SQLite writes these by itself.
    @Test(arguments: ["-journal", "-wal", "-shm"]) func norOneInThePlaceOfAJournal(_ suffix: String) throws {
        let file = self.folder.file
        LearnedQuirks.file(file).synchronise(now: start)
        try self.link(suffix)
        #expect(throws: MemoryError(path: file + suffix, fault: .isLink)) { try LearnedFile(path: file).pin(host, limit(1), now: start) }
        #expect(!FileManager.default.fileExists(atPath: self.target))
    }

    /// Put there behind our back: SQLite does not follow it either.
    @Test func norOneThatComesWhileTheFileIsOpen() throws {
        let memory = LearnedQuirks.file(self.folder.file)
        memory.synchronise(now: start)
        try self.link("-journal")
        memory.found(.noReuse)
        memory.synchronise(now: start + 1)
        #expect(!FileManager.default.fileExists(atPath: self.target))
    }

    /// That is the operator's: /var/lib/mailshim on another disk.
    @Test func aLinkToTheFolderIsFollowed() throws {
        try FileManager.default.createDirectory(atPath: self.target, withIntermediateDirectories: true)
        let way = self.folder.path + "/way"
        try FileManager.default.createSymbolicLink(atPath: way, withDestinationPath: self.target)
        let events = Events()
        let memory = LearnedQuirks.file(way + "/learned.sqlite", events: events)
        memory.found(.noReuse)
        memory.synchronise(now: start)
        #expect(events.unusable == [])
        #expect(try LearnedFile(path: self.target + "/learned.sqlite").list().map(\.quirk) == [limit(1)])
    }

    /// A file that was made with a wider mode gets a narrower one; one that is narrower stays so.
    @Test(arguments: [(0o644, 0o640), (0o666, 0o640), (0o600, 0o600), (0o640, 0o640), (0o660, 0o640)])
    func itIsNeverWiderThan(_ before: Int, _ after: Int) throws {
        let file = self.folder.file
        LearnedQuirks.file(file).synchronise(now: start)
        #expect(try self.mode(file) == 0o640 & ~Self.mask)
        try FileManager.default.setAttributes([.posixPermissions: before], ofItemAtPath: file)
        try LearnedFile(path: file).pin(host, limit(1), now: start)
        #expect(try self.mode(file) == after)
    }

    /// What is none of ours is left alone.
    @Test func aForeignFileKeepsItsMode() throws {
        try self.folder.write("no database")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: self.folder.file)
        #expect(throws: MemoryError(path: self.folder.file, fault: .notADatabase)) { try LearnedFile(path: self.folder.file) }
        #expect(try self.mode(self.folder.file) == 0o644)
    }

    private func mode(_ path: String) throws -> Int? {
        (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue
    }

    private static let mask: Int = {
        let mask = umask(0o077)
        umask(mask)
        return Int(mask)
    }()
}
