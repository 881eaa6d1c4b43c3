import QuirkKit
import Testing

@testable import LearnedQuirks

/// What operators do: bypasses, the record of changes, evidence for others to read.
@Suite struct OperatorTests {
    @Test(arguments: [
        ("MAIL FROM:<a.b+c@example.org> SIZE=10", "MAIL FROM:<*@example.org> SIZE=10"),
        ("MAIL FROM:<\"a b\\\"@c\"@example.org>", "MAIL FROM:<*@example.org>"),
        ("550 <x@example.net>: no, (y@example.com) neither", "550 <*@example.net>: no, (*@example.com) neither"),
        ("@example.org", "*@example.org"), ("a@b@c", "*@*@c"), ("503 Sender already specified", "503 Sender already specified"),
    ])
    func `of addresses the domain is shown`(_ text: String, _ shown: String) { #expect(MailboxText.shortened(text) == shown) }

    @Test func `a bypass holds for its address or its port, and for its time`() throws {
        let bypasses = Bypasses()
        #expect(!bypasses.contains("192.0.2.1:25", at: 0))
        let wide = try #require(Bypass(remote: "192.0.2.1", since: 0, until: 100, user: "u", because: ""))
        let narrow = try #require(Bypass(remote: "[2001:DB8::1]:25", since: 0, until: 100, user: "u", because: ""))
        #expect(bypasses.add(wide, at: 0) && bypasses.add(narrow, at: 0))
        #expect(bypasses.contains("192.0.2.1:25", at: 99) && bypasses.contains("192.0.2.1:587", at: 99))
        #expect(bypasses.contains("[2001:db8::1]:25", at: 99) && !bypasses.contains("[2001:db8::1]:587", at: 99))
        #expect(!bypasses.contains("192.0.2.1:25", at: 100) && !bypasses.contains("192.0.2.2:25", at: 0))
        #expect(bypasses.active(at: 99).map(\.remote) == ["192.0.2.1", "[2001:db8::1]:25"] && bypasses.active(at: 100).isEmpty)
        #expect(bypasses.end("192.0.2.1") == wide && bypasses.end("192.0.2.1") == nil)
        #expect(Bypass(remote: "mx.example.com", since: 0, until: 1, user: "", because: "") == nil)
    }

    @Test func `there are not more than a bound`() throws {
        let bypasses = Bypasses()
        for number in 0..<Bounds.bypasses {
            #expect(bypasses.add(try #require(Bypass(remote: "10.0.\(number / 250).\(number % 250)", since: 0, until: 9, user: "", because: "")), at: 0))
        }
        let next = try #require(Bypass(remote: "192.0.2.1", since: 0, until: 9, user: "", because: ""))
        #expect(!bypasses.add(next, at: 0))
        #expect(bypasses.add(next, at: 9), "the others are over")
    }

    @Test func `what is begun is there after a restart, and who began it`() async throws {
        let folder = try Folder()
        let now = wallClock()
        let memory = LearnedQuirks(location: .file(folder.file), policy: .init(), now: now) { _ in }
        let bypass = try #require(Bypass(remote: "192.0.2.1", since: now, until: now + 1000, user: "ann", because: "a call"))
        #expect(await memory.add(bypass, remark: "root", now: now))
        let next = LearnedQuirks(location: .file(folder.file), policy: .init(), now: now) { _ in }
        #expect(next.bypasses(at: now) == [bypass] && next.isBypassed("192.0.2.1:25", at: now))
        #expect(await next.endBypass(of: "192.0.2.1", by: AuditAuthor(user: "bob"), now: now) == bypass)
        let file = try LearnedFile(path: folder.file)
        #expect(try file.bypasses(at: now).isEmpty)
        #expect(try file.history(of: "192.0.2.1").map { [$0.action, $0.user, $0.remark] } == [["bypass-end", "bob", ""], ["bypass", "ann", "root"]])
        #expect(try file.history(of: "192.0.2.2").isEmpty)
    }

    @Test func `the record is bounded, and the newest stays`() throws {
        let folder = try Folder()
        let file = try LearnedFile(path: folder.file)
        try file.record((0..<Bounds.audit + 10).map { AuditEntry(at: $0, action: "kill", user: "u") })
        let kept = try file.history(limit: .max)
        #expect(kept.count == Bounds.audit && kept.first?.at == Bounds.audit + 9)
    }

    /// 0.1.0 made files without the tables that came later.
    @Test func `a file of an older version gets what it lacks`() throws {
        let folder = try Folder()
        _ = try LearnedFile(path: folder.file).pin("192.0.2.1", QuirkSetting("sticky-sender"), now: 1)
        let database = try Database(path: folder.file, patience: 1000)
        for table in ["audit", "bypass"] { try database.run("DROP TABLE \(table)") }
        let file = try LearnedFile(path: folder.file)
        #expect(try file.list().count == 1 && file.history().isEmpty && file.bypasses(at: 0).isEmpty)
        try file.record([AuditEntry(at: 1, action: "kill", user: "u")])
        #expect(try file.history().count == 1)
    }
}
