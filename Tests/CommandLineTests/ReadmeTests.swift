import Testing

/// What the README shows is so: config examples are right, and the transcript and the explanation are what the commands print.
@Suite struct ReadmeTests {
    let blocks: [(language: String, text: String)]

    init() throws {
        let text = try #require(Folder.ofRepository.map { $0.readFile("README.md") })
        self.blocks = text.split(separator: "```", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map { _, block in
            let parts = block.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
    }

    @Test func `each config example passes check`() async throws {
        let examples = self.blocks.filter { $0.language == "toml" }
        #expect(examples.count >= 3)
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

    @Test func `the transcript at its beginning is from the demonstration`() async throws {
        let transcript = try #require(self.blocks.first).text.split(separator: "\n").map(String.init)
        #expect(transcript.contains { $0.contains("503 Sender already specified") })
        let demo = try await Program.run("demo", "--no-color").lines
        let start = try #require(demo.lastIndex(of: transcript[1]))
        #expect(demo.contains(transcript[0]))
        #expect(Array(demo[start...].prefix(transcript.count - 1)) == Array(transcript[1...]))
    }

    @Test func `the explanation is what explain says of the example`() async throws {
        let shown = try #require(self.blocks.first { $0.text.hasPrefix("$ mailshim explain") }).text.split(separator: "\n").map(String.init)
        let config = try #require(self.blocks.last { $0.language == "toml" }).text
        let folder = try Folder()
        let words = try #require(shown.first).split(separator: " ").dropFirst(3).map(String.init)
        let result = await (try Running(["explain", "--config", folder.write("c.toml", config).path] + words)).ended(within: 30)
        #expect(result.lines.filter { !$0.hasPrefix("config:") } == shown.dropFirst().filter { !$0.hasPrefix("config:") })
    }
}
