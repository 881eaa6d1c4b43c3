import Testing

/// `mailshim explain`: each setting with the table it comes from, or what was learned and when, and from which stage it can be known.
@Suite struct ExplainTests {
    static let config = """
        state = "STATE"
        [default]
        tls = "off"
        [domain."example.com"]
        quirks = ["message-limit"]
        ignore = ["sticky-sender"]
        [host."*.mx.example.net"]
        quirks = [{ name = "message-limit", messages = 20 }]
        because = "https://postmaster.example.net/limits"
        [address."192.0.2.0/24"]
        connections = 1
        pause = "2s"
        [address."192.0.2.9"]
        port = 26
        pause = "1500ms"
        """

    let folder: Folder
    let file: String

    init() throws {
        self.folder = try Folder()
        self.file = try self.folder.write("c.toml", Self.config.replacing("STATE", with: self.folder.path("learned.sqlite"))).path
    }

    private func explain(_ arguments: String...) async throws -> Program.Result {
        await (try Running(["explain", "--config", self.file] + arguments)).ended(within: 30)
    }

    /// The row of a setting, without its padding.
    private func row(_ setting: String, _ result: Program.Result) -> String? {
        result.lines.first { $0.hasPrefix(setting + " ") }.map { $0.split(separator: " ").joined(separator: " ") }
    }

    /// Of the file, of what was learned, of names: not even an error.
    @Test func `what it prints steers no terminal`() async throws {
        let folder = try Folder()
        let bad = #"\u001b[2J\u009b31m\u202e\u2028\u200b\nSETTING"#
        let file = try folder.write(
            "c.toml", "state = \"memory\"\n[address.\"192.0.2.1\"]\nquirks = [\"message-limit\"]\nbecause = \"\(bad)\"\n"
        ).path
        let explained = try await Program.run("explain", "--config", file, "--address", "192.0.2.1")
        #expect(explained.status == 0 && explained.output.contains(#"because: \u001b[2J\u009b31m\u202e\u2028\u200b\u000aSETTING"#))
        #expect(!explained.output.holdsUnseen)
        for text in [
            "\"\(bad)\" = 1\n", "state = \"\(bad)/\"\n", "[address.\"\(bad)\"]\n", "[default]\nquirks = [\"\(bad)\"]\n",
            "[[listener]]\nname = \"\(bad)\"\nbind = \"\(bad)\"\n", "[default]\ntls = \"\(bad)\"\n", "x = \u{1b}\n", "[domain.\"\(bad)\"]\n",
            "[[listener]]\ntls = { certificate = \"\(bad)\", key = \"\(bad)\" }\n", "hostname = \"\(bad)\"\n",
        ] {
            let file = try folder.write("\u{9b}c.toml", text).path
            for command in ["check", "explain", "serve"] {
                let result = try await Program.run(command, "--config", file)
                #expect(!(result.output + result.errors).holdsUnseen, "\(command): \(text)")
            }
        }
    }

    @Test func `address, host and domain, the most specific first`() async throws {
        let result = try await self.explain("--address", "192.0.2.9", "--host", "a.mx.example.net", "--domain", "example.com")
        #expect(result.status == 0)
        #expect(self.row("message-limit", result) == "message-limit messages=20 [host.\"*.mx.example.net\"] line 7 greeting")
        #expect(result.output.contains("because: https://postmaster.example.net/limits"))
        #expect(self.row("sticky-sender", result) == "sticky-sender ignored [domain.\"example.com\"] line 4 RCPT")
        #expect(self.row("connections", result) == "connections 1 at once [address.\"192.0.2.0/24\"] line 10 connect")
        #expect(self.row("pause", result) == "pause 2s [address.\"192.0.2.0/24\"] line 10 connect")
        #expect(self.row("tls", result) == "tls off [default] line 2 connect")
        #expect(self.row("auth", result) == "auth verified built-in default connect")
        #expect(self.row("bypass", result) == "bypass no built-in default connect")
    }

    @Test(arguments: ["--domain", "--host"], ["a b", "", "-a.example", "a..b", "192.0.2.1", "you@example.com"])
    func `what is no name is 64`(_ option: String, _ name: String) async throws {
        let result = try await self.explain("\(option)=\(name)")
        #expect(result.status == 64)
        #expect(result.errors.contains(option) && result.output == "")
    }

    @Test(arguments: ["example.com.", "EXAMPLE.com", "b\u{fc}cher.example", "EXCH_01"])
    func `names are taken as people write them`(_ name: String) async throws {
        #expect(try await self.explain("--domain", name, "--host", name).status == 0)
    }

    @Test func `a port narrows`() async throws {
        let result = try await self.explain("--address", "192.0.2.9:26")
        #expect(self.row("pause", result) == "pause 1500ms [address.\"192.0.2.9\"] line 13 connect")
        #expect(self.row("message-limit", result) == "message-limit looked for built-in default MAIL")
    }

    @Test func `what was learned, and when`() async throws {
        let table = "[address.\"192.0.2.9\"]\nquirks = [\"sticky-sender\"]\nbecause = \"MAIL → 503\"\n"
        let input = try self.folder.write("known.toml", table).path
        #expect(try await Program.run("learned", "import", input, "--config", self.file).status == 0)
        let result = try await self.explain("--address", "192.0.2.9:25")
        let row = try #require(self.row("sticky-sender", result))
        #expect(row.wholeMatch(of: /sticky-sender applied imported \d{4}-\d\d-\d\d connect/) != nil, "\(row)")
        #expect(result.output.contains("MAIL → 503"))
        #expect(result.output.contains("expires 20"))
        #expect(self.row("sticky-sender", try await self.explain("--address", "192.0.2.9:26")) == "sticky-sender looked for built-in default MAIL")
    }

    @Test func `a rule wins over what was learned, and it says so`() async throws {
        #expect(try await Program.run("learned", "pin", "192.0.2.9", "sticky-sender", "--config", self.file).status == 0)
        let result = try await self.explain("--address", "192.0.2.9", "--domain", "example.com")
        #expect(result.output.contains("not in use: [domain.\"example.com\"] wins over what was learned"))
    }

    @Test func `without any, what holds for all`() async throws {
        let result = try await self.explain()
        #expect(result.status == 0)
        #expect(result.lines.first == "Any remote")
        #expect(result.output.contains("--address") && result.output.contains("--host") && result.output.contains("--domain"))
    }

    @Test func `trouble with the memory is told and costs nothing else`() async throws {
        let folder = try Folder()
        let file = try folder.write("c.toml", "state = \"\(folder.url.path)\"\n").path
        let result = try await Program.run("explain", "--config", file, "--address", "192.0.2.1")
        #expect(result.status == 0)
        #expect(result.output.contains("cannot be read") && result.output.contains("is a directory"))
    }
}

extension String {
    /// What steers a terminal, or makes it show something else than what is there; but for line feeds.
    var holdsUnseen: Bool {
        self.unicodeScalars.contains {
            $0 != "\n" && [.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
        }
    }
}
