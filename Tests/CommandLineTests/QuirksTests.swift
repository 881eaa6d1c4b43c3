import Testing

/// `mailshim quirks`
@Suite struct QuirksTests {
    static let names = ["sticky-sender", "message-limit", "legacy-tls", "broken-starttls"]

    @Test func `all of them`() async throws {
        let list = try await Program.run("quirks")
        #expect(list.status == 0)
        for name in Self.names { #expect(list.lines.contains(name)) }
    }

    @Test(arguments: names)
    func `one of them, in full`(_ name: String) async throws {
        let page = try await Program.run("quirks", name)
        #expect(page.status == 0)
        for word in ["repairs", "detected", "evidence", "Q-", "ignore = [\"\(name)\"]"] { #expect(page.output.contains(word)) }
    }

    @Test func `its options, with their range and standard value`() async throws {
        let page = try await Program.run("quirks", "message-limit").output
        #expect(page.contains("messages") && page.contains("1 to 1000000") && page.contains("default 1"))
    }

    @Test func `a slip is 64 and understood`() async throws {
        let result = try await Program.run("quirks", "message-limits")
        #expect(result.status == 64)
        #expect(result.errors.contains("did you mean \"message-limit\"?"))
    }

    @Test func `what is like none lists all`() async throws {
        let result = try await Program.run("quirks", "zzz")
        #expect(result.status == 64)
        for name in Self.names { #expect(result.errors.contains(name)) }
    }
}
