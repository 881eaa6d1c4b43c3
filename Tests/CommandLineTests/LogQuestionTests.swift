import Glibc
import OddHost
import Testing

/// The questions of docs/log.md, "What to ask it", asked of the log of a run with all kinds of outcome.
@Suite struct LogQuestionTests {
    let folder: Folder
    init() throws { self.folder = try Folder() }

    /// Its blocks of shell, by their first line.
    private static func questions() throws -> [(title: String, script: String)] {
        let text = try #require(Folder.ofRepository.map { $0.readFile("docs/log.md") })
        let block = try #require(text.components(separatedBy: "```sh\n").last?.components(separatedBy: "```").first)
        return block.components(separatedBy: "\n\n").map { ($0.components(separatedBy: "\n")[0], $0) }
    }

    private func ask(_ words: String, about mailbox: String = "") async throws -> [String] {
        let script = try #require(Self.questions().first { $0.title.contains(words) }).script
        let file = try self.folder.write("question.sh", "LOG='\(self.folder.path("log"))' X='\(mailbox)'\n\(script)")
        return try await Shell.run(file.path).lines
    }

    @Test func `where the mail is, who refused it, and what would have been without us`() async throws {
        var behaviour = Behaviour(.noReuse())
        behaviour.exceptions = [.to("nobody@example.net", .reply("550 5.1.1 User unknown"))]
        let host = try await OddHost.start(behaviour)
        let port = try freePort()
        let config = try self.folder.write(
            "mailshim.toml",
            """
            hostname = "shim.test"
            state = "memory"
            [[listener]]
            name = "in"
            bind = "127.0.0.1:\(port)"
            destination = "127.0.0.1:\(host.port)"
            """)
        let proxy = try Running(["serve", "--config", config.path])
        try #require(await proxy.logged("event=listening"), "\(proxy.errors)")
        let client = try Client(port: port)
        _ = client.hear()
        #expect(client.ask("EHLO gateway.example").hasPrefix("250"))
        #expect(client.message(from: "a@example.org", to: ["you@example.net"]).hasPrefix("250"))
        #expect(client.message(from: "b@example.org", to: ["her@example.net"]).hasPrefix("250"))
        #expect(client.message(from: "c@example.org", to: ["nobody@example.net"]).hasPrefix("550"))
        #expect(client.ask("STARTTLS").hasPrefix("5"))
        #expect(client.ask("QUIT").hasPrefix("221"))
        #expect(await proxy.logged("event=session-ended"))
        try self.folder.write("log", proxy.errors)

        let hers = try await self.ask("Where is the mail", about: "her@example.net")
        #expect(hers.count == 1 && hers[0].contains("outcome=accepted") && hers[0].contains("remote=127.0.0.1:\(host.port)"))
        let nobodys = try await self.ask("Where is the mail", about: "nobody@example.net")
        #expect(nobodys.count == 1 && nobodys[0].contains("outcome=rejected") && nobodys[0].contains("550 5.1.1 User unknown"))
        #expect(try await self.ask("Where is the mail", about: "him@example.net") == [])
        let refusals = try await self.ask("Who refused mail")
        #expect(refusals.contains { $0.hasSuffix("remote: 550 5.1.1 User unknown") })
        #expect(refusals.contains { $0.contains(" mailshim: 5") }, "\(refusals)")
        let saved = try await self.ask("without Mailshim").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(saved == ["1 127.0.0.1:\(host.port) bounce"])
        proxy.signal(SIGTERM)
        #expect(await proxy.ended(within: 30).status == 0)
        await host.shutdown()
    }
}
