import QuirkKit
import Testing

@testable import Rules

/// `quirks`, `ignore` and `keywords` of all tables that match.
@Suite struct AddUpTests {
    private func resolve(_ text: String) throws -> Resolved {
        try config(text).rules.resolve(address: IPAddress("192.0.2.1"), port: 25, host: "mx.example.net", domains: ["example.com"])
    }

    @Test("Quirks of all tables apply; of one quirk the more specific table's options")
    func quirks() throws {
        let resolved = try self.resolve(
            """
            [default]
            quirks = ["pix"]
            [domain."example.com"]
            quirks = [{ name = "message-limit", messages = 5 }, "sticky-sender"]
            [address."192.0.2.1"]
            quirks = ["message-limit"]
            """)
        #expect(resolved.quirks.map(\.value.name) == ["message-limit", "sticky-sender", "pix"])
        #expect(resolved.quirks.map(\.source.table) == ["[address.\"192.0.2.1\"]", "[domain.\"example.com\"]", "[default]"])
        #expect(resolved.quirks.first?.value.options == ["messages": .integer(1)])
    }

    @Test(
        "The more specific table wins, whether it applies or ignores",
        arguments: [
            ("quirks", "ignore", ["pix"], []), ("ignore", "quirks", [], ["pix"]), ("quirks", "quirks", ["pix"], []),
            ("ignore", "ignore", [], ["pix"]),
        ] as [(String, String, [String], [String])])
    func contradiction(_ specific: String, _ general: String, _ applied: [String], _ ignored: [String]) throws {
        for (narrow, wide) in [
            ("address.\"192.0.2.1\"", "address.\"192.0.2.0/24\""), ("address.\"192.0.2.0/24\"", "host.\"mx.example.net\""),
            ("host.\"mx.example.net\"", "domain.\"example.com\""), ("domain.\"example.com\"", "default"),
        ] {
            let resolved = try self.resolve("[\(wide)]\n\(general) = [\"pix\"]\n[\(narrow)]\n\(specific) = [\"pix\"]\n")
            #expect(resolved.quirks.map(\.value.name) == applied)
            #expect(resolved.ignored.map(\.value) == ignored)
            #expect((resolved.quirks.map(\.source.line) + resolved.ignored.map(\.source.line)) == [3])
        }
    }

    @Test("Within one table quirks wins over ignore")
    func within() throws {
        let resolved = try self.resolve("[default]\nquirks = [\"pix\"]\nignore = [\"pix\", \"sticky-sender\"]\n")
        #expect(resolved.quirks.map(\.value.name) == ["pix"])
        #expect(resolved.ignored.map(\.value) == ["sticky-sender"])
    }

    @Test("Keywords add up, in upper case, each with the most specific table that shows it")
    func keywords() throws {
        let resolved = try self.resolve("[default]\nkeywords = [\"XFOO\", \"xbar\"]\n[domain.\"example.com\"]\nkeywords = [\"xfoo\"]\n")
        #expect(resolved.keywords.map(\.value) == ["XFOO", "XBAR"])
        #expect(resolved.keywords.map(\.source.line) == [3, 1])
    }

    @Test("Options: every kind, given or filled in")
    func options() throws {
        let resolved = try self.resolve(
            "[default]\nquirks = [{ name = \"hide-extension\", keywords = [\"A\", \"B\"], wait = \"1m\", text = \"y\", always = true }]")
        #expect(
            resolved.quirks.map(\.value.options) == [
                ["keywords": .strings(["A", "B"]), "wait": .seconds(60), "text": .string("y"), "called": .string("x"), "always": .boolean(true)]
            ])
    }

    @Test("bypass: the most specific address table")
    func bypass() throws {
        #expect(try self.resolve("[address.\"192.0.2.0/24\"]\nbypass = true").bypass.value)
        #expect(try !self.resolve("[address.\"192.0.2.0/24\"]\nbypass = true\n[address.\"192.0.2.1\"]\nbypass = false").bypass.value)
    }

    @Test("Which domains have tables")
    func domains() throws {
        let rules = try config("[domain.\"*.example.com\"]\n[domain.\"müller.example\"]\n").rules
        #expect(rules.hasDomainTables && !rules.hasHostTables)
        #expect(rules.hasTable(for: "A.example.com"))
        #expect(rules.hasTable(for: "MÜLLER.example"))
        #expect(rules.hasTable(for: "xn--mller-kva.example"))
        #expect(!rules.hasTable(for: "example.com"))
        #expect(!rules.hasTable(for: ""))
    }
}

extension RuleSet {
    /// Whether a table says something of this recipient domain.
    func hasTable(for domain: String) -> Bool {
        self.resolve(address: nil, port: nil, host: nil, domains: [domain]).tables.contains { $0.stage == .rcpt }
    }
}
