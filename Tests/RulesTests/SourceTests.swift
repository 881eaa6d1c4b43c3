import QuirkKit
import Testing

@testable import Rules

/// Where a setting comes from, as `mailshim explain` shows it.
@Suite struct SourceTests {
    @Test(
        "The header is shown as it is written",
        arguments: [
            ("[address.\"192.0.2.1\"]", "[address.\"192.0.2.1\"]"),
            ("  [ address . '192.0.2.1' ]  # a ] in a comment", "[ address . '192.0.2.1' ]"),
            ("[address.\"192.0.2.\\u0031\"]", "[address.\"192.0.2.\\u0031\"]"),
            ("[[address.\"192.0.2.1\"]]", "[[address.\"192.0.2.1\"]]"),
            ("[address]\n\"192.0.2.1\".tls = \"off\"", "[address.\"192.0.2.1\"]"),
            ("[address]\n\"192.0.2.1\" = { tls = \"off\" }", "[address.\"192.0.2.1\"]"),
            ("address = { \"192.0.2.1\" = { tls = \"off\" } }", "[address.\"192.0.2.1\"]"),
            ("address.\"192.0.2.1\" = [{ tls = \"off\" }]", "[address.\"192.0.2.1\"]"),
            ("address.\"192.0.2.1\" = [\n  { tls = \"off\" },\n]", "[address.\"192.0.2.1\"]"),
        ])
    func headers(_ text: String, _ header: String) throws {
        #expect(try self.sources(text).map(\.table) == [header])
    }

    @Test("Lines are those of the headers, also where lines end in CRLF or come after a byte order mark")
    func lines() throws {
        #expect(try self.sources("\n\n[address.\"192.0.2.1\"]\ntls = \"off\"").map(\.line) == [3])
        #expect(
            try self.sources("# é\r\n[address.\"192.0.2.1\"]\r\ntls = \"off\"\r\n") == [
                Source(table: "[address.\"192.0.2.1\"]", line: 2, stage: .connect)
            ])
        #expect(try self.sources("\u{feff}[address.\"192.0.2.1\"]\n") == [Source(table: "[address.\"192.0.2.1\"]", line: 1, stage: .connect)])
    }

    @Test("Each kind of table can be known from its stage on, and carries its reason")
    func stages() throws {
        let sources = try self.sources(
            """
            [default]
            because = "a"
            [domain."example.com"]
            because = "b"
            [host."mx.example.net"]
            because = "c"
            [address."192.0.2.1"]
            because = "d"
            """)
        #expect(sources.map(\.stage) == [.connect, .greeting, .rcpt, .connect])
        #expect(sources.map(\.because) == ["d", "c", "b", "a"])
        #expect(sources.map(\.line) == [7, 5, 3, 1])
    }

    private func sources(_ text: String) throws -> [Source] {
        try config(text).rules.resolve(address: IPAddress("192.0.2.1"), port: 25, host: "mx.example.net", domains: ["example.com"]).tables
    }
}
