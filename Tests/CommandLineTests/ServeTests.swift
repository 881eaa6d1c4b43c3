import Glibc
import OddHost
import Testing

/// `mailshim serve`, as a gateway and an operator meet it.
@Suite struct ServeTests {
    let folder: Folder
    init() throws { self.folder = try Folder() }

    /// A config file with one listener to a host, and its port.
    private func config(to host: OddHost, _ extra: String = "", state: String = "memory") throws -> (file: String, port: Int) {
        let port = try freePort()
        let toml = """
            hostname = "shim.test"
            state = "\(state)"
            [[listener]]
            name = "in"
            bind = "127.0.0.1:\(port)"
            destination = "127.0.0.1:\(host.port)"
            \(extra)
            """
        return (try self.folder.write("mailshim.toml", toml).path, port)
    }

    private func serve(_ file: String, _ more: String...) async throws -> Running {
        let running = try Running(["serve", "--config", file] + more)
        try #require(await running.logged("event=listening"), "\(running.errors)")
        return running
    }

    @Test func `the founding case, end to end, and what the operator then sees`() async throws {
        let host = try await OddHost.start(Behaviour(.noReuse()))
        let state = self.folder.path("learned.sqlite")
        let (file, port) = try self.config(to: host, state: state)
        let proxy = try await self.serve(file)
        let client = try Client(port: port)
        #expect(client.hear().hasPrefix("220"))
        #expect(client.ask("EHLO gateway.example").hasPrefix("250"))
        for sender in ["a@example.org", "b@example.org", "c@example.org"] { #expect(client.message(from: sender).hasPrefix("250")) }
        #expect(client.ask("QUIT").hasPrefix("221"))
        #expect(host.messages.map(\.sender) == ["a@example.org", "b@example.org", "c@example.org"])
        #expect(await proxy.logged("event=message", "n=2", "from=<b@example.org>", "quirks=", "message-limit", "reply=\"250"))
        #expect(await proxy.logged("event=quirk-learned", "quirk=message-limit", "messages=1", "reply=\"503 Sender already specified\""))

        // While it runs.
        let remote = "127.0.0.1:\(host.port)"
        var list = Program.Result(status: 0, output: "", errors: "")
        for _ in 0..<300 where !list.output.contains(remote) {
            list = try await Program.run("learned", "list", "--config", file)
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(list.output.contains(remote) && list.output.contains("message-limit"))
        let page = try await Program.run("learned", "show", remote, "--config", file).output
        #expect(page.contains("MAIL FROM:<*@example.org>") && page.contains("503 Sender already specified"))
        #expect(try await Program.run("explain", "--address", remote, "--config", file).output.contains("learned 20"))
        #expect(try await Program.run("learned", "forget", remote, "--config", file).status == 0)
        #expect(await proxy.logged("event=learned-changed", remote))

        proxy.signal(SIGTERM)
        #expect(await proxy.ended(within: 30).status == 0)
        await host.shutdown()
    }

    @Test(.enabled("needs namespaces of its own, and no config of this machine", Program.mayBeAlone))
    func `without a config file the built-in defaults, and it says so`() async throws {
        let proxy = try Running(["serve"], alone: true)
        #expect(await proxy.logged("event=starting", "config=\"built-in defaults\"", "/etc/mailshim/mailshim.toml does not exist", "next="))
        #expect(await proxy.logged("event=listening", "bind=127.0.0.1:2525"))
        proxy.signal(SIGINT)
        #expect(await proxy.ended(within: 30).status == 0)
    }

    @Test func `a port in use is 69`() async throws {
        let host = try await OddHost.start()
        let (file, _) = try self.config(to: host)
        let first = try await self.serve(file)
        let second = try await Program.run("serve", "--config", file)
        #expect(second.status == 69)
        #expect(second.errors.contains("event=bind-failed") && second.errors.contains("in use"))
        first.signal(SIGTERM)
        #expect(await first.ended(within: 30).status == 0)
        await host.shutdown()
    }

    @Test func `config errors are 78, each a line`() async throws {
        let file = try self.folder.write("mailshim.toml", "hostnam = \"x\"\nstate = 3\n").path
        let result = try await Program.run("serve", "--config", file)
        #expect(result.status == 78)
        #expect(result.errorLines.count == 2 && result.errorLines.allSatisfy { $0.hasPrefix(file) })
    }

    @Test func `a certificate that is not there is 78`() async throws {
        let host = try await OddHost.start()
        let (file, _) = try self.config(to: host, "tls = { certificate = \"no.crt\", key = \"no.key\" }")
        let result = try await Program.run("serve", "--config", file)
        #expect(result.status == 78)
        #expect(result.errors.contains("no.crt"))
        await host.shutdown()
    }

    @Test func `a state path that is a folder costs the memory, not the mail`() async throws {
        let host = try await OddHost.start()
        let (file, port) = try self.config(to: host, state: self.folder.url.path)
        let proxy = try await self.serve(file)
        #expect(await proxy.logged("event=state-unusable", "is a directory"))
        let client = try Client(port: port)
        #expect(client.hear().hasPrefix("220"))
        #expect(client.ask("EHLO gateway.example").hasPrefix("250"))
        #expect(client.message(from: "a@example.org").hasPrefix("250"))
        #expect(host.messages.count == 1)
        proxy.signal(SIGTERM)
        #expect(await proxy.ended(within: 30).status == 0)
        await host.shutdown()
    }

    @Test func `SIGHUP takes a new config, and keeps the old one where the new one is broken`() async throws {
        let host = try await OddHost.start()
        let (file, port) = try self.config(to: host)
        let good = self.folder.read("mailshim.toml")
        let proxy = try await self.serve(file)

        try self.folder.write("mailshim.toml", good + "\n[default]\nquirks = [\"mesage-limit\"]\n")
        proxy.signal(SIGHUP)
        #expect(await proxy.logged("event=config-error", "line=9", "did you mean"))
        #expect(await proxy.logged("event=reload-failed", "errors=1"))
        let client = try Client(port: port)
        #expect(client.hear().hasPrefix("220"))
        #expect(client.ask("QUIT").hasPrefix("221"))

        let second = try freePort()
        try self.folder.write(
            "mailshim.toml", good + "\n[[listener]]\nname = \"more\"\nbind = \"127.0.0.1:\(second)\"\ndestination = \"127.0.0.1:\(host.port)\"\n")
        proxy.signal(SIGHUP)
        #expect(await proxy.logged("event=listening", "listener=more"))
        #expect(await proxy.logged("event=reloaded", "listeners=2"))
        #expect(try Client(port: second).hear().hasPrefix("220"))
        proxy.signal(SIGTERM)
        #expect(await proxy.ended(within: 30).status == 0)
        await host.shutdown()
    }

    @Test(.enabled("needs namespaces of its own, and no config of this machine", Program.mayBeAlone))
    func `SIGHUP keeps the running config where its file has gone`() async throws {
        let listener = "[[listener]]\nname = \"in\"\nbind = \"127.0.0.1:2526\"\ndestination = \"127.0.0.1:9\"\n"
        let proxy = try Running(["serve"], standardConfig: "hostname = \"shim.test\"\nstate = \"memory\"\n" + listener)
        #expect(await proxy.logged("event=listening", "listener=in"))
        try proxy.removeStandardConfig()
        proxy.signal(SIGHUP)
        #expect(await proxy.logged("event=config-error", "file=/etc/mailshim/mailshim.toml", "cannot be read: No such file"))
        #expect(await proxy.logged("event=reload-failed", "errors=1"))
        proxy.signal(SIGTERM)
        let result = await proxy.ended(within: 30)
        #expect(result.status == 0)
        #expect(result.errorLines.filter { $0.contains("event=listening ") }.count == 1)
    }

    /// Somebody is about to write it, or could not: that must not close the listeners.
    @Test(arguments: ["", "# hostname = \"x\"\n"])
    func `SIGHUP keeps the running config where its file has no key`(_ text: String) async throws {
        let host = try await OddHost.start()
        let (file, port) = try self.config(to: host)
        let proxy = try await self.serve(file)
        try self.folder.write("mailshim.toml", text)
        proxy.signal(SIGHUP)
        #expect(await proxy.logged("event=config-error", "has no key in it"))
        #expect(await proxy.logged("event=reload-failed", "errors=1"))
        #expect(try Client(port: port).hear().hasPrefix("220"))
        #expect(!proxy.errors.contains("event=listener-closed"))
        proxy.signal(SIGTERM)
        #expect(await proxy.ended(within: 30).status == 0)
        await host.shutdown()
    }

    @Test func `signals that mean nothing to it are ignored, and logged`() async throws {
        let host = try await OddHost.start()
        let (file, port) = try self.config(to: host)
        let proxy = try await self.serve(file)
        let signals = [
            (SIGUSR1, "SIGUSR1"), (SIGUSR2, "SIGUSR2"), (SIGALRM, "SIGALRM"), (SIGPIPE, "SIGPIPE"), (SIGQUIT, "SIGQUIT"), (SIGVTALRM, "SIGVTALRM"),
            (SIGPROF, "SIGPROF"), (SIGIO, "SIGIO"), (SIGPWR, "SIGPWR"), (SIGXCPU, "SIGXCPU"), (SIGXFSZ, "SIGXFSZ"), (SIGTSTP, "SIGTSTP"),
            (SIGTTIN, "SIGTTIN"), (SIGTTOU, "SIGTTOU"), (36, "SIGRTMIN+2"), (64, "SIGRTMIN+30"),
        ]
        for (number, name) in signals {
            proxy.signal(number)
            #expect(await proxy.logged("event=signal-ignored", "signal=\(name)"), "\(name)")
        }
        let client = try Client(port: port)
        #expect(client.hear().hasPrefix("220"))
        #expect(client.ask("EHLO gateway.example").hasPrefix("250"))
        #expect(client.message(from: "a@example.org").hasPrefix("250"))
        proxy.signal(SIGTERM)
        #expect(await proxy.ended(within: 30).status == 0)
        await host.shutdown()
    }

    @Test func `SIGTERM: a message in progress finishes, an idle session hears 421`() async throws {
        let host = try await OddHost.start()
        let (file, port) = try self.config(to: host)
        let proxy = try await self.serve(file)
        let busy = try Client(port: port)
        _ = busy.hear()
        for command in ["EHLO gateway.example", "MAIL FROM:<a@example.org>", "RCPT TO:<you@example.net>", "DATA"] { _ = busy.ask(command) }
        let idle = try Client(port: port)
        _ = idle.hear()
        #expect(idle.ask("EHLO gateway.example").hasPrefix("250"))

        proxy.signal(SIGTERM)
        #expect(await proxy.logged("event=stopping", "sessions=2"))
        #expect(idle.hear().hasPrefix("421"))
        #expect(throws: Client.Failure.self) { try Client(port: port) }
        #expect(busy.ask("Subject: x\r\n\r\nx\r\n.").hasPrefix("250"))
        #expect(host.messages.count == 1)
        let result = await proxy.ended(within: 30)
        #expect(result.status == 0)
        #expect(result.errors.contains("event=stopped"))
        await host.shutdown()
    }

    @Test func `SIGHUP behind SIGTERM is ignored`() async throws {
        let host = try await OddHost.start()
        let (file, port) = try self.config(to: host)
        let proxy = try await self.serve(file)
        let busy = try Client(port: port)
        _ = busy.hear()
        for command in ["EHLO gateway.example", "MAIL FROM:<a@example.org>", "RCPT TO:<you@example.net>", "DATA"] { _ = busy.ask(command) }
        proxy.signal(SIGTERM)
        #expect(await proxy.logged("event=stopping"))
        proxy.signal(SIGHUP)
        #expect(await proxy.logged("event=reload-ignored", "because=stopping"))
        #expect(throws: Client.Failure.self) { try Client(port: port) }
        #expect(busy.ask("Subject: x\r\n\r\nx\r\n.").hasPrefix("250"))
        #expect(await proxy.ended(within: 30).status == 0)
        await host.shutdown()
    }

    @Test func `a second signal ends it at once`() async throws {
        let host = try await OddHost.start()
        let (file, port) = try self.config(to: host)
        let proxy = try await self.serve(file)
        let busy = try Client(port: port)
        _ = busy.hear()
        for command in ["EHLO gateway.example", "MAIL FROM:<a@example.org>", "RCPT TO:<you@example.net>", "DATA"] { _ = busy.ask(command) }
        proxy.signal(SIGTERM)
        #expect(await proxy.logged("event=stopping"))
        #expect(proxy.isRunning)
        proxy.signal(SIGINT)
        let result = await proxy.ended(within: 30)
        #expect(result.status == 0)
        #expect(result.errors.contains("event=stopped-at-once"))
        #expect(host.messages.isEmpty)
        await host.shutdown()
    }

    @Test func `whoever reads the log may go, the mail goes on`() async throws {
        let host = try await OddHost.start()
        let (file, port) = try self.config(to: host)
        let proxy = try Running(["serve", "--config", file], unheard: true)
        #expect(await eventually(within: 20) { (try? Client(port: port)) != nil || !proxy.isRunning })
        let client = try Client(port: port)
        #expect(client.hear().hasPrefix("220"))
        #expect(client.ask("EHLO gateway.example").hasPrefix("250"))
        #expect(client.message(from: "a@example.org").hasPrefix("250"))
        proxy.signal(SIGTERM)
        #expect(await proxy.ended(within: 30).status == 0)
        await host.shutdown()
    }

    @Test func `the log as JSON on request`() async throws {
        let host = try await OddHost.start()
        let (file, _) = try self.config(to: host)
        let proxy = try Running(["serve", "--config", file, "--log-format", "json"])
        #expect(await proxy.logged("\",\"level\":\"info\",\"event\":\"listening\",\"listener\":\"in\""))
        proxy.signal(SIGTERM)
        let result = await proxy.ended(within: 30)
        #expect(result.status == 0)
        #expect(result.errorLines.allSatisfy { $0.hasPrefix("{\"time\":\"20") && $0.hasSuffix("}") })
        await host.shutdown()
    }

    @Test func `the config says how the log is written, also a new one`() async throws {
        let host = try await OddHost.start()
        let (file, port) = try self.config(to: host, "[log]\nformat = \"json\"\nlevel = \"error\"")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let proxy = try Running(["serve", "--config", file])
        #expect(await eventually(within: 20) { (try? Client(port: port)) != nil || !proxy.isRunning })
        try self.folder.write("mailshim.toml", text + "\nrecipients = 5")
        proxy.signal(SIGHUP)
        #expect(await proxy.logged("\"level\":\"error\",\"event\":\"reload-failed\""))
        try self.folder.write("mailshim.toml", text.replacing("level = \"error\"", with: "level = \"info\"").replacing("json", with: "logfmt"))
        proxy.signal(SIGHUP)
        #expect(await proxy.logged("Z level=info event=reloaded"))
        proxy.signal(SIGTERM)
        let result = await proxy.ended(within: 30)
        #expect(!result.errors.contains("event\":\"starting"))
        await host.shutdown()
    }
}
