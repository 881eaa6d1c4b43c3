import Foundation
import OddHost
import Testing

/// `mailshim status` and its like, as an operator types them.
@Suite struct AdminCommandTests {
    let folder: Folder
    init() throws { self.folder = try Folder() }

    private func config(_ more: String = "") throws -> String {
        try self.folder.write(
            "c.toml",
            """
            hostname = "shim.test"
            state = "\(self.folder.path("learned.sqlite"))"
            [[listener]]
            name = "outbound"
            bind = "127.0.0.1:0"
            destination = "127.0.0.1:9"
            [admin]
            socket = "\(self.folder.path("admin.sock"))"
            \(more)
            """
        ).path
    }

    private func run(_ arguments: String...) async throws -> Program.Result { await (try Running(arguments)).ended(within: 30) }

    @Test func `nobody there`() async throws {
        let file = try self.config()
        let status = try await self.run("status", "--config", file)
        #expect(status.status == 2 && status.output == "" && status.errors.hasPrefix("NOT SERVING: "))
        let line = try await self.run("status", "--check", "--config", file)
        #expect(line.status == 2 && line.lines.count == 1 && line.output.hasPrefix("NOT SERVING: "))
        #expect(try await self.run("status", "--json", "--config", file).output.contains("\"state\": \"not-serving\""))
        for command in [["sessions"], ["kill", "x"], ["bypass", "192.0.2.1", "--for", "1h"], ["bypass", "list"], ["metrics"]] {
            let result = await (try Running(command + ["--config", file])).ended(within: 30)
            #expect(result.status == 69 && result.errors.contains("Mailshim does not run"), "\(command)")
        }
        let off = try self.folder.write("off.toml", "[admin]\nsocket = \"off\"\n").path
        #expect(try await self.run("sessions", "--config", off).errors.contains("socket = \"off\""))
    }

    @Test func `a running Mailshim is asked and told`() async throws {
        let file = try self.config()
        let proxy = try Running(["serve", "--config", file])
        #expect(await proxy.logged("event=admin-listening", "socket="))
        let status = try await self.run("status", "--config", file)
        #expect(status.status == 0 && status.lines.first?.hasPrefix("mailshim 0.") == true && status.output.contains("\nREADY\n"), "\(status.output)")
        #expect(status.output.contains("  ok    listener outbound") && status.output.contains("  ok    learned store"))
        #expect(try await self.run("status", "--check", "--config", file).output == "READY, 0 sessions\n")
        let none = try await self.run("sessions", "--config", file)
        #expect(none.status == 1 && none.output == "No such session, of 0.\n")
        let kill = try await self.run("kill", "deadbeef", "--config", file)
        #expect(kill.status == 1 && kill.errors.contains("there is no session deadbeef"))

        let begun = try await self.run("bypass", "192.0.2.1", "--for", "1h", "--because", "a call", "--config", file)
        #expect(begun.status == 0 && begun.output.hasPrefix("bypassed: 192.0.2.1 until "))
        #expect(try await self.run("status", "--config", file).output.contains("NOTE  bypass 192.0.2.1 until "))
        let history = try await self.run("learned", "history", "192.0.2.1", "--config", file)
        #expect(history.output.contains("bypass") && history.output.contains("a call"))
        #expect(try await self.run("bypass", "192.0.2.1", "--for", "1x", "--config", file).status == 64)
        #expect(try await self.run("bypass", "192.0.2.1", "--for", "60d", "--config", file).status == 64)

        // The file is changed, and not read again.
        try await Task.sleep(for: .milliseconds(20))
        _ = try self.config("http = \"off\"")
        let changed = try await self.run("status", "--config", file)
        #expect(changed.status == 1 && changed.output.contains("WARN  config") && changed.output.contains("DEGRADED, 1 warning"))
        proxy.signal(SIGTERM)
        #expect(await proxy.ended(within: 30).status == 0)

        // What was begun outlives a restart.
        let next = try Running(["serve", "--config", file])
        #expect(await next.logged("event=admin-listening", "socket="))
        #expect(try await self.run("bypass", "list", "--config", file).lines.count == 2)
        #expect(try await self.run("bypass", "end", "192.0.2.1", "--config", file).output == "ended: 192.0.2.1\n")
        #expect(try await self.run("bypass", "list", "--config", file).status == 1)
        next.signal(SIGTERM)
        #expect(await next.ended(within: 30).status == 0)
    }

    @Test func `metrics are described without a process`() async throws {
        let text = try await self.run("metrics", "--describe")
        #expect(text.status == 0 && text.lines.contains("mailshim_messages_total{listener,outcome,stage}  counter"))
        let json = try await self.run("metrics", "--describe", "--json")
        let families = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
        #expect(families.count > 30 && families.allSatisfy { Set($0.keys) == ["name", "type", "help", "labels"] })
    }

    @Test(arguments: [
        (["quirks"], ["name", "repairs", "detected", "evidence", "stage", "options"]),
        (["quirks", "message-limit"], ["name", "repairs", "detected", "evidence", "stage", "options"]),
    ])
    func `quirks as JSON`(_ arguments: [String], _ keys: [String]) async throws {
        let result = await (try Running(arguments + ["--json"])).ended(within: 30)
        let quirks = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
        #expect(!quirks.isEmpty && quirks.allSatisfy { Set($0.keys) == Set(keys) })
    }

    @Test func `an explanation as JSON`() async throws {
        let result = try await self.run("explain", "--address", "192.0.2.1", "--json", "--config", try self.config())
        let explanation = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(Set(explanation.keys) == ["remote", "config", "learned_store", "settings", "notes"])
        let settings = try #require(explanation["settings"] as? [[String: Any]])
        #expect(settings.allSatisfy { Set($0.keys) == ["setting", "value", "from", "line", "known_from", "notes"] })
        #expect(settings.contains { $0["setting"] as? String == "tls" && $0["value"] as? String == "opportunistic" })
    }

    @Test(arguments: [("statsu", "status"), ("sesions", "sessions"), ("lerned", "learned"), ("metric", "metrics")])
    func `an unknown command has a hint`(_ typed: String, _ meant: String) async throws {
        let result = try await self.run(typed)
        #expect(result.status == 64 && result.errors.contains("did you mean \"\(meant)\"?"), "\(result.errors)")
    }

    @Test func `so has an unknown subcommand`() async throws {
        let result = try await self.run("learned", "forgett", "192.0.2.1")
        #expect(result.status == 64 && result.errors.contains("did you mean \"forget\"?"), "\(result.errors)")
    }
}
