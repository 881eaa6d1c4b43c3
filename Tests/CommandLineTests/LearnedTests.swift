import Foundation
import Testing

/// `mailshim learned …`: on the file, as an operator works on it.
@Suite struct LearnedTests {
    let folder: Folder
    let state: String

    init() throws {
        self.folder = try Folder()
        self.state = self.folder.path("learned.sqlite")
    }

    private func learned(_ arguments: String..., state: String? = nil, input: String = "") async throws -> Program.Result {
        await (try Running(["learned"] + arguments + ["--state", state ?? self.state], input: input)).ended(within: 30)
    }

    @Test func `nothing yet`() async throws {
        for command in ["list", "export"] {
            let result = try await self.learned(command)
            #expect(result.status == 1 && result.output == "")
            #expect(result.errors.contains("Nothing was learned yet"))
        }
        for command in ["show", "forget", "history"] { #expect(try await self.learned(command, "192.0.2.1").status == 1, "\(command)") }
        #expect(try await self.learned("list", "--json").output == "[]\n")
    }

    @Test func `pin, list, show, forget`() async throws {
        #expect(
            try await self.learned("pin", "192.0.2.1", "message-limit", "messages=3", "--because", "a call").output
                == "pinned: 192.0.2.1:25 message-limit messages=3\n")
        #expect(try await self.learned("pin", "[2001:db8::1]:26", "sticky-sender").output == "pinned: [2001:db8::1]:26 sticky-sender\n")
        let list = try await self.learned("list")
        #expect(list.lines.count == 3)
        #expect(
            list.lines[1].contains("192.0.2.1:25") && list.lines[1].contains("messages=3") && list.lines[1].contains("pinned")
                && list.lines[1].hasSuffix("never"))
        #expect(list.output == (try await self.learned()).output, "list is what it does by itself")
        let page = try await self.learned("show", "192.0.2.1").output
        #expect(page.contains("a call") && page.contains("first seen") && page.contains("expires"))
        #expect(!page.contains("2001"))
        #expect(try await self.learned("forget", "192.0.2.1", "sticky-sender").output == "")
        #expect(try await self.learned("forget", "192.0.2.1:25", "message-limit").output == "forgotten: 192.0.2.1:25 message-limit messages=3\n")
        #expect(try await self.learned("list").lines.count == 2)
    }

    @Test func `what is exported is a config, and comes back by import`() async throws {
        _ = try await self.learned("pin", "192.0.2.1", "message-limit", "messages=3", "--because", "he said \"three\"\\")
        _ = try await self.learned("pin", "192.0.2.1", "sticky-sender")
        for port in [26, 587, 2525] { _ = try await self.learned("pin", "192.0.2.1:\(port)", "sticky-sender") }
        _ = try await self.learned("pin", "2001:db8::1", "sticky-sender")
        let exported = try await self.learned("export")
        #expect(exported.status == 0)
        let file = try self.folder.write("exported.toml", exported.output).path
        let check = try await Program.run("check", "--config", file)
        #expect(check.status == 0, "\(check.errors)\(exported.output)")
        let config = "hostname = \"shim.test\"\nstate = \"memory\"\n[address.\"198.51.100.1\"]\nconnections = 3\n[learning]\nexpires = \"7d\"\n\n"
        let pasted = try self.folder.write("pasted.toml", config + exported.output).path
        #expect(try await Program.run("check", "--config", pasted).status == 0)
        let explained = try await Program.run("explain", "--config", pasted, "--address", "192.0.2.1:587").lines.first {
            $0.hasPrefix("sticky-sender")
        }
        #expect(explained?.contains("applied") == true, "\(explained ?? "")")

        let second = self.folder.path("second.sqlite")
        let imported = try await self.learned("import", file, state: second)
        #expect(imported.status == 0)
        #expect(imported.lines.count == 6, "\(imported.output)")
        let keys = { (result: Program.Result) in result.lines.dropFirst().map { $0.split(separator: " ").prefix(2).joined(separator: " ") } }
        #expect(keys(try await self.learned("list", state: second)) == keys(try await self.learned("list")))
        #expect(try await self.learned("show", "192.0.2.1", state: second).output.contains("he said \"three\"\\"))
        #expect(try await self.learned("import", "-", state: second, input: exported.output).errors.contains("not known yet"))
    }

    @Test func `lists are filtered, sorted and cut`() async throws {
        for number in 1...3 { _ = try await self.learned("pin", "192.0.2.\(number)", "message-limit", "messages=\(number)") }
        _ = try await self.learned("pin", "192.0.2.2:587", "sticky-sender")
        func remotes(_ arguments: String...) async throws -> [String] {
            let result = await (try Running(["learned", "list", "--state", self.state] + arguments)).ended(within: 30)
            return result.lines.dropFirst().map { String($0.prefix { $0 != " " }) }
        }
        #expect(try await remotes("--quirk", "sticky-sender") == ["192.0.2.2:587"])
        #expect(try await remotes("--remote", "192.0.2.2") == ["192.0.2.2:25", "192.0.2.2:587"])
        #expect(try await remotes("--limit", "2") == ["192.0.2.1:25", "192.0.2.2:25"])
        #expect(try await remotes("--sort", "quirk").last == "192.0.2.2:587")
        #expect(try await remotes("--since", "1h").count == 4)
        #expect(try await self.learned("list", "--quirk", "pix").status == 1)
        #expect(try await self.learned("list", "--limit", "0").status == 64)
    }

    @Test func `as JSON, by names that are a promise`() async throws {
        _ = try await self.learned("pin", "192.0.2.1", "message-limit", "messages=3", "--because", "a call")
        for command in [["list"], ["show", "192.0.2.1"]] {
            let result = await (try Running(["learned"] + command + ["--json", "--state", self.state])).ended(within: 30)
            let entries = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
            #expect(
                entries.first.map { Set($0.keys) } == [
                    "remote", "quirk", "options", "origin", "sent", "reply", "because", "first_seen", "last_seen", "expires", "times_used", "heals",
                    "clean_in_a_row", "last_probe",
                ])
            #expect((entries.first?["options"] as? [String: Int]) == ["messages": 3])
        }
    }

    @Test func `who did what, and why`() async throws {
        _ = try await self.learned("pin", "192.0.2.1", "message-limit", "messages=3", "--because", "a call")
        _ = try await self.learned("pin", "192.0.2.2", "sticky-sender")
        _ = try await self.learned("forget", "192.0.2.1", "--because", "repaired")
        let history = try await self.learned("history", "192.0.2.1")
        #expect(history.status == 0 && history.lines.count == 3, "\(history.output)")
        #expect(history.lines[1].contains("forget") && history.lines[1].contains("repaired"))
        #expect(history.lines[2].contains("pin") && history.lines[2].contains("message-limit messages=3") && history.lines[2].contains("a call"))
        let all = try await self.learned("history", "--json")
        let entries = try #require(try JSONSerialization.jsonObject(with: Data(all.output.utf8)) as? [[String: Any]])
        #expect(entries.count == 3 && entries.allSatisfy { Set($0.keys) == ["time", "action", "subject", "detail", "user", "sudo_user", "because"] })
        #expect(entries.allSatisfy { !(($0["user"] as? String) ?? "").isEmpty })
    }

    /// As many as Mailshim learns by itself; more than a config file may hold.
    @Test func `10,000 entries are taken as they are printed`() async throws {
        let because = String(repeating: "what the host said, \\\"verbatim\\\"; ", count: 8)
        let tables = (0..<10_000).map { number in
            "[address.\"10.0.\(number / 250).\(number % 250)\"]\nquirks = [{ name = \"message-limit\", messages = 3 }]\nbecause = \"\(because)\"\n\n"
        }
        #expect(try await self.learned("import", "-", input: tables.joined()).lines.count == 10_000)
        let exported = try await self.learned("export")
        #expect(exported.status == 0 && exported.output.utf8.count > 2 << 20)
        let second = self.folder.path("second.sqlite")
        let imported = try await self.learned("import", "-", state: second, input: exported.output)
        #expect(imported.status == 0 && imported.lines.count == 10_000, "\(imported.errors.prefix(300))")
        #expect(try await self.learned("export", state: second).output == exported.output)
        // The config itself keeps its bound.
        let file = try self.folder.write("large.toml", exported.output).path
        #expect(try await Program.run("check", "--config", file).errors.contains("larger than 1 MB"))
    }

    @Test func `a dangling link makes no file`() async throws {
        let target = self.folder.path("elsewhere")
        try FileManager.default.createSymbolicLink(atPath: self.state, withDestinationPath: target)
        let result = try await self.learned("pin", "192.0.2.1", "sticky-sender")
        #expect(result.status == 78 && result.errors.contains("is a symbolic link"))
        #expect(!FileManager.default.fileExists(atPath: target))
    }

    @Test func `what it prints steers no terminal`() async throws {
        let because = "\u{1b}[2J\u{9b}31m\u{202e}\u{2028}\u{200b}\nA ROW"
        _ = try await self.learned("pin", "192.0.2.1", "sticky-sender", "--because", because)
        for command in [["show", "192.0.2.1"], ["list"], ["export"], ["forget", "192.0.2.1\u{1b}"], ["forget", "192.0.2.1", "x\u{1b}"]] {
            let result = await (try Running(["learned"] + command + ["--state", self.state])).ended(within: 30)
            #expect(!(result.output + result.errors).holdsUnseen, "\(command)")
        }
        // Back from the export it is the same.
        let exported = try await self.learned("export").output
        #expect(!exported.split(separator: "\n").contains { $0.hasPrefix("A ROW") })
        _ = try await self.learned("import", "-", state: self.folder.path("second.sqlite"), input: exported)
        #expect(try await self.learned("export", state: self.folder.path("second.sqlite")).output == exported)
    }

    @Test func `tables that cannot be learned are named`() async throws {
        let toml = "[address.\"192.0.2.0/24\"]\nquirks = [\"sticky-sender\"]\n[host.\"mx.example.com\"]\nquirks = [\"sticky-sender\"]\n"
        let result = try await self.learned("import", "-", input: toml)
        #expect(result.status == 0 && result.output == "")
        #expect(result.errors.contains("[address.\"192.0.2.0/24\"] in line 1") && result.errors.contains("hosts and domains"))
    }

    @Test func `what is wrong is 64 or 78`() async throws {
        #expect(try await self.learned("pin", "nonsense", "sticky-sender").status == 64)
        let slip = try await self.learned("pin", "192.0.2.1", "stiky-sender")
        #expect(slip.status == 64 && slip.errors.contains("did you mean \"sticky-sender\"?"))
        let option = try await self.learned("pin", "192.0.2.1", "message-limit", "message=3")
        #expect(option.status == 64 && option.errors.contains("did you mean \"messages\"?"))
        #expect(try await self.learned("pin", "192.0.2.1", "message-limit", "messages=\"; x").status == 64)
        #expect(try await self.learned("pin", "192.0.2.1", "message-limit", "messages").status == 64)
        #expect(try await self.learned("import", self.folder.path("none.toml")).status == 78)
        let broken = try await self.learned("import", "-", input: "[address.\"x\"]\n")
        #expect(broken.status == 78 && broken.errors.contains("/dev/stdin:1"))
        #expect(try await self.learned("list", state: self.folder.url.path).status == 78)
        try self.folder.write("text", "this is no database, and long enough to be sure of it\n")
        #expect(try await self.learned("list", state: self.folder.path("text")).status == 78)
        let memory = try self.folder.write("memory.toml", "state = \"memory\"\n").path
        #expect(try await Program.run("learned", "list", "--config", memory).status == 78)
    }
}
