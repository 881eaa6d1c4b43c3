import CSQLite
import Foundation
import QuirkKit
import Testing

@testable import LearnedQuirks

/// What is in the file is there again after a restart.
@Suite struct FileTests {
    let folder: Folder

    init() throws { self.folder = try Folder() }

    @Test func aRestartKeepsIt() {
        let memory = LearnedQuirks.file(self.folder.file)
        memory.found(.noReuse)
        memory.found(.stickySender)
        for _ in 1...2 { memory.found(.silence(7), at: other, session: "s", now: start + 5) }
        memory.used("message-limit", at: host, now: start)
        memory.clean("message-limit", now: start + day)
        #expect(memory.mayProbe("sticky-sender", at: host, now: start + day))
        memory.synchronise(now: start + day)

        let again = LearnedQuirks.file(self.folder.file, now: start + day)
        for remote in [host, other] {
            #expect(memory.known(of: remote, at: start + day).count == (remote == host ? 2 : 1))
            #expect(again.known(of: remote, at: start + day) == memory.known(of: remote, at: start + day))
        }
        // The probe's hour goes on too.
        #expect(!again.mayProbe("message-limit", at: host, now: start + day + hour - 1))
        #expect(again.mayProbe("message-limit", at: host, now: start + day + hour))
    }

    @Test func whatHealedOrExpiredStaysAway() {
        let memory = LearnedQuirks.file(self.folder.file)
        memory.found(.noReuse)
        for _ in 1...2 { memory.found(.limit(3), at: other, session: "s", now: start) }
        memory.synchronise(now: start)
        for _ in 1...3 { memory.clean("message-limit", now: start + day) }
        memory.synchronise(now: start + day)
        #expect(LearnedQuirks.file(self.folder.file, now: start + day).quirks() == [])
        memory.synchronise(now: start + 30 * day)
        #expect(LearnedQuirks.file(self.folder.file).known(of: other, at: start) == [])
    }

    /// A smaller limit takes the row of the larger.
    @Test func aReplacedLimit() throws {
        let memory = LearnedQuirks.file(self.folder.file)
        for messages in [5, 5, 3, 3] {
            memory.found(.limit(messages))
            memory.synchronise(now: start)
        }
        #expect(try LearnedFile(path: self.folder.file).list().map(\.quirk) == [limit(3)])
    }

    @Test func missingFoldersAreMade() throws {
        let path = self.folder.path + "/var/lib/mailshim/learned.sqlite"
        let events = Events()
        let memory = LearnedQuirks.file(path, events: events)
        memory.found(.noReuse)
        memory.synchronise(now: start)
        #expect(events.unusable == [])
        #expect(LearnedQuirks.file(path).quirks() == [limit(1)])
        // Addresses of senders are in it: nothing for everybody.
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode.map { $0 & 0o007 } == 0)
    }

    /// All kinds of options, and texts with all that could go wrong in a database.
    @Test func textsAndOptions() {
        let options: [String: OptionValue] = [
            "messages": .integer(-3), "on": .boolean(true), "off": .boolean(false), "wait": .seconds(90), "text": .string("a\tb\nc\\d'\"\\t"),
            "empty": .string(""),
            "list": .strings(["a", "", "b\t\\"]), "none": .strings([]), "naïve\t": .string("ü"),
        ]
        let finding = Finding(
            quirk: QuirkSetting("odd'; DROP TABLE learned; --", options), sent: "MAIL FROM:<o'hara@example.org>",
            reply: "503 \u{0}\"é\"",
            counting: Counting(needed: 1, ending: .probed(hourly: false)))
        let memory = LearnedQuirks.file(self.folder.file)
        memory.found(finding)
        memory.synchronise(now: start)
        let again = LearnedQuirks.file(self.folder.file)
        #expect(again.known(of: host, at: start) == memory.known(of: host, at: start))
        #expect(again.known(of: host, at: start).map(\.reply) == ["503 ␀\"é\""])
        #expect(again.quirks() == [finding.quirk])
    }

    @Test(arguments: ["integer\tx", "integer\tx\t1\t2", "integer", "color\tx\tred", "boolean\tx\tyes", "\t\t\t", "integer\tx\t99999999999999999999"])
    func optionsThatNobodyWrote(_ text: String) { #expect(OptionsText.read(text) == nil) }

    /// A row that was written by hand with numbers out of any range is put right, not a crash.
    @Test func wildNumbers() throws {
        LearnedQuirks.file(self.folder.file).synchronise(now: start)
        try sql(
            self.folder.file,
            """
            INSERT INTO learned VALUES
            (1, '\(host)', 'message-limit', 'nonsense', 'witch', 'Z', '', '', '', -9223372036854775808, 9223372036854775807, 9223372036854775807, 7,
             9223372036854775807, -5, -9223372036854775808)
            """)
        let memory = LearnedQuirks.file(self.folder.file)
        #expect(memory.quirks() == [QuirkSetting("message-limit")])
        memory.used("message-limit", at: host, now: start)
        memory.found(.noReuse)
        #expect(memory.quirks() == [limit(1)])
        memory.synchronise(now: start)
        #expect(try LearnedFile(path: self.folder.file).list().map(\.quirk) == [limit(1)])
    }
}

/// Someone with the sqlite3 shell.
func sql(_ path: String, _ statements: String) throws {
    var handle: OpaquePointer?
    defer { sqlite3_close_v2(handle) }
    guard sqlite3_open(path, &handle) == SQLITE_OK, sqlite3_exec(handle, statements, nil, nil, nil) == SQLITE_OK else {
        throw MemoryError(path: path, fault: .other(handle.map { String(cString: sqlite3_errmsg($0)) } ?? ""))
    }
}
