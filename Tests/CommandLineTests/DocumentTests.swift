import Testing

/// What README and docs show is so: config examples are right, the transcript and the explanation are what the commands
/// print.
@Suite struct DocumentTests {
    private static func blocks(of name: String) throws -> [(language: String, text: String)] {
        let text = try #require(Folder.ofRepository.map { $0.readFile(name) })
        return text.split(separator: "```", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map { _, block in
            let parts = block.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
    }

    @Test(arguments: [
        ("README.md", 2), ("docs/install.md", 3), ("docs/config.md", 1), ("docs/operation.md", 2), ("docs/recipes/exim.md", 1),
        ("docs/recipes/postfix.md", 1), ("docs/recipes/opensmtpd.md", 1), ("docs/recipes/sendmail.md", 1), ("docs/recipes/exchange.md", 1),
        ("docs/recipes/kumomta.md", 1), ("docs/recipes/powermta.md", 1),
    ])
    func `each config example passes check`(_ name: String, _ count: Int) async throws {
        let examples = try Self.blocks(of: name).filter { $0.language == "toml" }
        #expect(examples.count == count)
        let folder = try Folder()
        for example in examples {
            let result = try await Program.run("check", "--config", folder.write("example.toml", example.text).path)
            #expect(result.status == 0, "\(result.errors)")
        }
    }

    @Test func `the example config passes check`() async throws {
        let file = try #require(Folder.ofRepository).appending(path: "mailshim.example.toml").path
        #expect(try await Program.run("check", "--config", file).status == 0)
    }

    @Test func `the README's transcript is from the demonstration`() async throws {
        let transcript = try #require(Self.blocks(of: "README.md").first { $0.text.hasPrefix("gateway ") }).text.split(separator: "\n").map(String.init)
        #expect(transcript.contains { $0.contains("503 Sender already specified") })
        let demo = try await Program.run("demo", "--no-color").lines
        let start = try #require(demo.lastIndex(of: transcript[1]))
        #expect(demo.contains(transcript[0]))
        #expect(Array(demo[start...].prefix(transcript.count - 1)) == Array(transcript[1...]))
    }

    @Test func `the explanation is what explain says of the example`() async throws {
        let blocks = try Self.blocks(of: "docs/config.md")
        let shown = try #require(blocks.first { $0.text.hasPrefix("$ mailshim explain") }).text.split(separator: "\n").map(String.init)
        let config = try #require(blocks.last { $0.language == "toml" }).text
        let folder = try Folder()
        let words = try #require(shown.first).split(separator: " ").dropFirst(3).map(String.init)
        let result = await (try Running(["explain", "--config", folder.write("c.toml", config).path] + words)).ended(within: 30)
        #expect(result.lines.filter { !$0.hasPrefix("config:") } == shown.dropFirst().filter { !$0.hasPrefix("config:") })
    }
}
