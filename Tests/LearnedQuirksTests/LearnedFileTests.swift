import Foundation
import QuirkKit
import Testing

@testable import LearnedQuirks

/// `mailshim learned …`
@Suite struct LearnedFileTests {
    let folder: Folder
    let file: LearnedFile

    init() throws {
        self.folder = try Folder()
        self.file = try LearnedFile(path: self.folder.file)
    }

    private func add(_ remotes: String...) throws {
        let entries = remotes.map { Learned.imported(remote: $0, quirk: limit(1), because: "x", now: start, lifetime: day) }
        #expect(try self.file.add(entries, now: start).count == remotes.count)
    }

    /// Looking does not make a file: root's would lock the proxy out.
    @Test func lookingMakesNothing() throws {
        #expect(try self.file.list() == [])
        #expect(try self.file.show(host) == [])
        #expect(try self.file.forget(host) == [])
        #expect(try self.file.export(now: start) == "")
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.folder.path) == [])
    }

    @Test(arguments: [
        ("192.0.2.1", ["192.0.2.1:25", "192.0.2.1:2525"]), ("192.0.2.1:25", ["192.0.2.1:25"]), ("192.0.2.1:26", []),
        ("2001:DB8:0:0::1", ["[2001:db8::1]:25"]), ("[2001:db8::1]", ["[2001:db8::1]:25"]), ("[2001:db8::1]:25", ["[2001:db8::1]:25"]),
        ("192.0.2.10", []), ("[192.0.2.1]:25", ["192.0.2.1:25"]),
    ])
    func remotes(_ text: String, meant: [String]) throws {
        try self.add("192.0.2.1", "192.0.2.1:2525", "2001:0db8::0001", "192.0.2.2:25")
        #expect(try self.file.show(text).map(\.remote) == meant)
        #expect(try self.file.forget(text).map(\.remote) == meant)
        #expect(try self.file.show(text) == [])
        #expect(try self.file.list().count == 4 - meant.count)
    }

    @Test(arguments: [
        "", "mx.example.com", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:+5", "192.0.2.256", "[2001:db8::1", "[2001:db8::1]25",
        "[192.0.2.1]]:25",
        "192.0.2.1:25:25", "192.0.2.1\u{0}", " 192.0.2.1",
    ])
    func notARemote(_ text: String) throws {
        let error = MemoryError(path: self.folder.file, fault: .invalidRemote(text))
        #expect(throws: error) { try self.file.show(text) }
        #expect(throws: error) { try self.file.forget(text) }
        #expect(throws: error) { try self.file.pin(text, limit(1), now: start) }
        #expect(throws: error) { try self.add(text) }
        #expect(try self.file.list() == [])
    }

    @Test func forgetsOneQuirk() throws {
        try self.add(host)
        try self.file.pin(host, QuirkSetting("sticky-sender"), now: start)
        #expect(try self.file.forget(host, quirk: "pix") == [])
        #expect(try self.file.forget(host, quirk: "message-limit").map(\.quirk) == [limit(1)])
        #expect(try self.file.list().map(\.quirk.name) == ["sticky-sender"])
        #expect(try self.file.forget(host).count == 1)
    }

    @Test func pin() throws {
        let pinned = try self.file.pin("192.0.2.1", limit(5), because: "ticket 7", now: start)
        #expect(
            pinned == Learned(remote: host, quirk: limit(5), origin: .pinned, remark: "ticket 7", firstSeen: start, lastSeen: start, expires: nil))
        #expect(try self.file.list() == [pinned])
        // Again, without options and reason: nothing changes.
        #expect(try self.file.pin(host, QuirkSetting("message-limit"), now: start + 5) == pinned)
        #expect(try self.file.pin(host, limit(6), now: start).quirk == limit(6))
        #expect(try self.file.list().count == 1)
    }

    @Test func addTwice() throws {
        try self.add(host)
        let again = Learned.imported(remote: host, quirk: limit(1), because: "y", now: start, lifetime: day)
        #expect(try self.file.add([again], now: start + 5) == [])
        // What had expired is renewed.
        #expect(try self.file.add([again], now: start + day) == [again])
    }

    @Test func addLeavesThePinned() throws {
        try self.file.pin(host, limit(1), now: start)
        #expect(try self.file.add([.imported(remote: host, quirk: limit(2), because: "", now: start, lifetime: day)], now: start) == [])
        #expect(try self.file.list().map(\.quirk) == [limit(1)])
    }

    /// One that is wrong: none is added.
    @Test func addIsAllOrNothing() throws {
        let entries = [host, "nowhere"].map { Learned.imported(remote: $0, quirk: limit(1), because: "", now: start, lifetime: day) }
        #expect(throws: MemoryError.self) { try self.file.add(entries, now: start) }
        #expect(try self.file.list() == [])
    }

    @Test func exportLeavesOutWhatHasExpired() throws {
        try self.add(host)
        #expect(try self.file.export(now: start + day - 1) != "")
        #expect(try self.file.export(now: start + day) == "")
    }
}
