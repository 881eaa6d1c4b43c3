import Testing

/// `mailshim demo`: the founding case, without and with Mailshim.
@Suite struct DemoTests {
    @Test func `one of three without, three of three with`() async throws {
        let demo = try await Program.run("demo")
        #expect(demo.status == 0, "\(demo.errors)")
        #expect(demo.lines.last == "Without Mailshim: 1 of 3 delivered. With Mailshim: 3 of 3.")
        let halves = demo.output.components(separatedBy: "With Mailshim between them")
        try #require(halves.count == 2)
        #expect(halves[0].contains("bob@example.org: bounced, 503 Sender already specified"))
        #expect(!halves[0].contains("connection 2"))
        #expect(halves[1].contains("connection 2") && halves[1].contains("connection 3"))
        #expect(!halves[1].contains("bounced"))
        #expect(halves[1].contains("event=quirk-learned") && halves[1].contains("event=message"))
        #expect(!demo.output.contains("\u{1b}"), "no colours where nobody sees them")
    }

    @Test func `the gateway hears no refusal through Mailshim`() async throws {
        let demo = try await Program.run("demo", "--no-color")
        let session = try #require(demo.output.components(separatedBy: "With Mailshim between them").last)
        let heard = session.split(separator: "\n").filter { $0.contains("◀─") }.map { $0.prefix(28) }.filter { !$0.allSatisfy { $0 == " " } }
        #expect(heard.count == 16, "\(heard)")
        #expect(heard.allSatisfy { $0.hasPrefix("2") || $0.hasPrefix("354") }, "\(heard)")
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        self.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
