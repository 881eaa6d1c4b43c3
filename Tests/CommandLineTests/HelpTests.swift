import Testing

/// What whoever types the command for the first time reads.
@Suite struct HelpTests {
    static let commands = ["serve", "status", "sessions", "kill", "bypass", "metrics", "check", "explain", "quirks", "learned", "probe", "replay", "firewall", "demo"]

    @Test func `the overview names every command`() async throws {
        let help = try await Program.run("--help")
        #expect(help.status == 0)
        for command in Self.commands {
            #expect(help.lines.contains { $0.hasPrefix("  \(command) ") && $0.count > 30 }, "\(command) with what it does")
        }
        #expect(help.output.contains("Exit codes"))
    }

    @Test(arguments: commands)
    func `each command has a help text`(_ command: String) async throws {
        let help = try await Program.run("help", command)
        #expect(help.status == 0)
        #expect(help.output.contains("USAGE: mailshim \(command)"))
        #expect(help.output == (try await Program.run(command, "--help")).output)
    }

    @Test(arguments: ["list", "show", "history", "forget", "pin", "export", "import"])
    func `so has each command of learned`(_ command: String) async throws {
        let help = try await Program.run("help", "learned", command)
        #expect(help.status == 0)
        #expect(help.output.contains("USAGE: mailshim learned \(command)"))
        #expect(help.output.contains("--state"))
    }

    @Test func `--version tells the version`() async throws {
        let version = try await Program.run("--version")
        #expect(version.status == 0)
        #expect(version.output.wholeMatch(of: /mailshim \d+\.\d+\.\d+\n/) != nil)
    }

    @Test(arguments: [
        ["sreve"], ["serve", "--conf", "x"], ["serve", "--log-format", "xml"], ["explain", "--address", "nonsense"],
        ["explain", "--address", "192.0.2.1:0"],
        ["quirks", "a", "b"], ["learned", "show"], ["learned", "forgett", "192.0.2.1"], ["probe"], ["probe", "host:99999"],
        ["probe", "--timeout", "0", "host"],
        ["probe", "--from", "a b", "host"], ["demo", "x"], ["check", "--config"],
    ])
    func `wrong usage is 64, and says so`(_ arguments: [String]) async throws {
        let result = await (try Running(arguments)).ended(within: 30)
        #expect(result.status == 64)
        #expect(result.errors.contains("Usage") || result.errors.contains("Error"))
        #expect(result.output == "")
    }
}
