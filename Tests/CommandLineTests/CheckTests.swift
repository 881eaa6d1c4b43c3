import Foundation
import Testing

/// `mailshim check`: every error with file, line, key and what would be right.
@Suite struct CheckTests {
    struct Wrong: Sendable, CustomTestStringConvertible {
        let toml: String
        /// What each line begins with, behind the file's name, and what it says.
        let errors: [(place: String, words: String)]
        var testDescription: String { self.toml.debugDescription }

        init(_ toml: String, _ errors: (String, String)...) { (self.toml, self.errors) = (toml, errors.map { ($0.0, $0.1) }) }
    }

    static let listener = "[[listener]]\nbind = \"127.0.0.1:2525\"\ndestination = \"original\"\n"

    static let wrong: [Wrong] = [
        Wrong("hostname = \n", (":1:", "not TOML")),
        Wrong("hostnam = \"a.example\"", (":1:1: hostnam: ", "did you mean \"hostname\"?")),
        Wrong("[learnings]\n", (":1:", "did you mean \"learning\"?")),
        Wrong("[learning]\nexpire = \"3d\"", (":2:1: learning.expire: ", "did you mean \"expires\"?")),
        Wrong("hostname = 3", (":1:12: hostname: ", "not a whole number")),
        Wrong("hostname = \"a b\"", (":1:12: hostname: ", "no host name")),
        Wrong("state = \"/var/lib/\"", (":1:9: state: ", "is a directory")),
        Wrong("[[listener]]\nbind = \"127.0.0.1\"\ndestination = \"original\"", (":2:8: listener.bind: ", "has no port")),
        Wrong("[[listener]]\nbind = \"127.0.0.1:99999\"\ndestination = \"original\"", (":2:8: listener.bind: ", "is no port")),
        Wrong("[[listener]]\nbind = \"::1:25\"\ndestination = \"original\"", (":2:8: listener.bind: ", "in brackets")),
        Wrong("[[listener]]\nbind = \"127.0.0.1:25\"\ndestination = \"orignal\"", (":3:15: listener.destination: ", "did you mean \"original\"?")),
        Wrong(Self.listener + "allow = [\"10.0.0.0/33\"]", (":4:10: listener.allow", "10.0.0.0/33")),
        Wrong("[timeouts]\nconnect = \"soon\"", (":2:11: timeouts.connect: ", "like \"30s\"")),
        Wrong("[limits]\nsessions = 0", (":2:12: limits.sessions: ", "from 1 to 1000000")),
        Wrong("[content]\nline-endings = \"keep\"", (":2:16: content.line-endings: ", "\"repair\"")),
        Wrong("[default]\nquirks = [\"mesage-limit\"]", (":2:11: default.quirks", "did you mean \"message-limit\"?")),
        Wrong("[default]\nignore = [\"no-such-thing\"]", (":2:11: default.ignore", "known: ")),
        Wrong("[default]\nquirks = [{ name = \"message-limit\", messages = 0 }]", (":2:", "1 to 1000000")),
        Wrong("[default]\nquirks = [{ name = \"message-limit\", mesages = 3 }]", (":2:", "did you mean \"messages\"?")),
        Wrong("[default]\ntls = \"always\"", (":2:7: default.tls: ", "\"opportunistic\"")),
        Wrong("[default]\nconnections = \"many\"", (":2:15: default.connections: ", "a whole number")),
        Wrong("[address.\"192.0.2.300\"]\nconnections = 1", (":1:", "192.0.2.300")),
        Wrong("[address.\"192.0.2.1\"]\nport = 70000", (":2:8: ", "65535")),
        Wrong("[domain.\"192.0.2.1\"]\nquirks = [\"message-limit\"]", (":1:", "is an address")),
        Wrong("[host.\"*\"]\nquirks = [\"message-limit\"]", (":1:", "[default]")),
        Wrong("hostnam = \"a\"\nstat = \"b\"\n", (":1:1: hostnam: ", "hostname"), (":2:1: stat: ", "state")),
    ]

    @Test(arguments: wrong)
    func `an error names file, line, key and what would be right`(_ wrong: Wrong) async throws {
        let folder = try Folder()
        let file = try folder.write("mailshim.toml", wrong.toml).path
        let result = try await Program.run("check", "--config", file)
        #expect(result.status == 78)
        #expect(result.output == "")
        try #require(result.errorLines.count == wrong.errors.count, "\(result.errors)")
        for (line, error) in zip(result.errorLines, wrong.errors) {
            #expect(line.hasPrefix(file + error.place), "\(line)")
            #expect(line.contains(error.words), "\(line)")
        }
    }

    /// Laws 1 and 4: what a rule of `reply-rewrite` may not do is an error with its place.
    @Test func `wrong rules for replies`() async throws {
        let rules = [
            #"on = "END", match = "^250", code = 550"#, #"on = "END", match = "^550", code = 250"#, #"on = "HELO", match = "^5", code = 450"#,
            #"match = "(", code = 450"#, #"match = "^5", code = 450, enhanced = "5.1.1""#, #"match = "^5", text = "\\1""#, #"match = "^5""#,
            "code = 450",
            #"match = "^5", enhanced = "5.1""#,
        ]
        let folder = try Folder()
        let lines = rules.map { "{ name = \"reply-rewrite\", \($0) },\n" }.joined()
        let file = try folder.write("mailshim.toml", Self.listener + "[default]\nquirks = [\n" + lines + "]\n").path
        let result = try await Program.run("check", "--config", file)
        #expect(result.status == 78)
        let first = 6
        for index in rules.indices {
            #expect(result.errorLines.contains { $0.hasPrefix("\(file):\(first + index):") }, "\(rules[index])")
        }
        #expect(result.errorLines.count == rules.count)
    }

    @Test func `a rule for replies that may return mail is warned of`() async throws {
        let rule = #"{ name = "reply-rewrite", on = "RCPT", match = '^4', code = 550 }, { name = "reply-rewrite", match = '^55', code = 450 }"#
        let folder = try Folder()
        let file = try folder.write("mailshim.toml", Self.listener + "[default]\nquirks = [\(rule)]\n").path
        let result = try await Program.run("check", "--config", file)
        #expect(result.status == 0)
        #expect(result.errorLines.filter { $0.contains("reply-rewrite: where it matches a 4xx") }.count == 1)
    }

    @Test func `time-outs shorter than a client must wait are warned of`() async throws {
        let folder = try Folder()
        let file = try folder.write("mailshim.toml", Self.listener + "[timeouts]\ndone = \"1m\"\ngreeting = \"5m\"\ndrain = \"0s\"\n").path
        let result = try await Program.run("check", "--config", file)
        #expect(result.status == 0)
        #expect(result.errorLines.filter { $0.contains("warning: timeouts.") }.count == 2, "\(result.errors)")
        #expect(result.errors.contains("timeouts.done: 60 s is less than the 600 s of RFC 5321 section 4.5.3.2.6"))
        #expect(result.errors.contains("timeouts.drain: 0 s"))
    }

    /// As those of certificates are.
    @Test func `the path of the state is seen from the folder of the config`() async throws {
        let folder = try Folder()
        let file = try folder.write("mailshim.toml", "state = \"known.sqlite\"\n").path
        #expect(try await Program.run("learned", "pin", "192.0.2.1", "message-limit", "--config", file).status == 0)
        #expect(FileManager.default.fileExists(atPath: folder.path("known.sqlite")))
    }

    @Test func `a quirk with a catch is warned of, with its table and line`() async throws {
        let folder = try Folder()
        let file = try folder.write(
            "mailshim.toml",
            Self.listener
                + "[default]\nquirks = [\"pix\"]\n[host.\"mx.example.net\"]\nquirks = [{ name = \"null-sender\", value = \"discard@example.org\" }]\n"
        ).path
        let result = try await Program.run("check", "--config", file)
        #expect(result.status == 0)
        let warnings = result.errorLines.filter { $0.contains("null-sender") }
        #expect(
            warnings.count == 1 && warnings[0].hasPrefix("\(file): warning: [host.\"mx.example.net\"] in line 6: null-sender: <discard@example.org>"))
        #expect(!result.errors.contains("pix"))
    }

    /// Each with what is said of it, by `check` and by `serve`.
    static let certificates = [
        ("a.crt", "a.key", nil), ("none.crt", "a.key", "none.crt: No such file or directory"),
        ("a.crt", "none.key", "none.key: No such file or directory"),
        (".", "a.key", "directory"), ("a.key", "a.key", "there is no certificate in it"), ("a.crt", "a.crt", "there is no private key in it"),
        ("a.crt", "b.key", "b.key: the key does not match the certificate in"),
    ]

    @Test(arguments: certificates)
    func `certificates of listeners are read, from the folder of the file`(_ certificate: String, _ key: String, _ words: String?) async throws {
        let folder = try Folder()
        for name in ["a", "b"] { try await Shell.makeCertificate(name, in: folder) }
        let toml =
            "state = \"memory\"\n" + Self.listener.replacing("2525", with: "0") + "tls = { certificate = \"\(certificate)\", key = \"\(key)\" }\n"
        let file = try folder.write("mailshim.toml", toml).path
        let result = try await Program.run("check", "--config", file)
        guard let words else { return #expect(result.status == 0, "\(result.errors)") }
        #expect(result.status == 78 && result.output == "")
        #expect(result.errorLines.count == 1)
        #expect(result.errors.hasPrefix("\(file):5:7: listener.tls: \(folder.url.path)/") && result.errors.contains(words), "\(result.errors)")
        let serve = try await Program.run("serve", "--config", file)
        #expect(serve.status == 78)
        #expect(
            serve.errors.contains("event=certificate-failed") && serve.errors.contains("line=5") && serve.errors.contains(words), "\(serve.errors)")
    }

    @Test func `every listener's certificate is an error of its own`() async throws {
        let folder = try Folder()
        let tls = "tls = { certificate = \"no.crt\", key = \"no.key\" }\n"
        let file = try folder.write("mailshim.toml", Self.listener + tls + Self.listener.replacing("2525", with: "2526") + tls).path
        let result = try await Program.run("check", "--config", file)
        #expect(result.status == 78)
        #expect(result.errorLines.map { $0.dropFirst(file.count).prefix(5) } == [":4:7:", ":8:7:"])
    }

    @Test func `a right file is 0`() async throws {
        let folder = try Folder()
        let file = try folder.write("mailshim.toml", Self.listener.replacing("\"127.0.0.1:2525\"", with: "[\"127.0.0.1:2525\", \"[::1]:2525\"]")).path
        let result = try await Program.run("check", "--config", file)
        #expect(result.status == 0)
        #expect(result.output.contains("127.0.0.1:2525 and [::1]:2525 (allow: 127.0.0.0/8, ::1, this machine's own addresses)"))
        #expect(result.errors == "")
    }

    @Test(arguments: [
        ("", "IPv6 is not redirected: bind has no IPv6 address"),
        ("allow = [\"127.0.0.0/8\"]", "of IPv4 allow has loopback alone"),
        (
            "allow = [\"10.255.255.0/24\", \"127.0.0.2\"]",
            "allow has loopback, but not the IPv4 address that this machine's own connections come from"
        ),
    ])
    func `what is hardly meant is a warning`(_ allow: String, _ words: String) async throws {
        let folder = try Folder()
        let file = try folder.write("mailshim.toml", Self.listener + allow + "\n").path
        let result = try await Program.run("check", "--config", file)
        #expect(result.status == 0)
        #expect(result.errorLines.contains { $0.hasPrefix("\(file): warning: listener 127.0.0.1:2525: ") && $0.contains(words) }, "\(result.errors)")
    }

    @Test func `a file that is not there, a folder, and one that is not text are 78`() async throws {
        let folder = try Folder()
        for path in [folder.path("none.toml"), folder.url.path, "/dev/null/x"] {
            for command in ["check", "serve", "explain", "firewall"] {
                let result = try await Program.run(command, "--config", path)
                #expect(result.status == 78)
                #expect(result.errorLines.count == 1)
                #expect(result.errors.contains("cannot be read"))
            }
        }
    }

    @Test func `as JSON, by names that are a promise`() async throws {
        let folder = try Folder()
        let right = try folder.write("right.toml", "hostname = \"localhost\"\nstate = \"memory\"\n" + Self.listener).path
        let wrong = try folder.write("wrong.toml", "hostnam = \"x\"\n").path
        func json(_ arguments: String...) async throws -> (status: Int32, [String: Any]) {
            let result = await (try Running(["check", "--json"] + arguments)).ended(within: 30)
            return (result.status, try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]))
        }
        let good = try await json("--config", right)
        #expect(good.status == 0 && Set(good.1.keys) == ["config", "ok", "errors", "warnings", "checks"] && good.1["ok"] as? Bool == true)
        let bad = try await json("--config", wrong)
        #expect(bad.status == 78 && bad.1["ok"] as? Bool == false)
        #expect((bad.1["errors"] as? [String])?.first?.contains("did you mean \"hostname\"?") == true)
    }

    @Test func `--live looks at this machine`() async throws {
        let folder = try Folder()
        let port = try FreePort()
        let file = try folder.write(
            "c.toml",
            """
            hostname = "no-such-name.invalid"
            state = "\(folder.path("learned.sqlite"))"
            [[listener]]
            name = "taken"
            bind = "127.0.0.1:\(port.number)"
            destination = "127.0.0.1:9"
            [admin]
            socket = "\(folder.path("admin.sock"))"
            """
        ).path
        let result = try await Program.run("check", "--live", "--config", file)
        #expect(result.status == 69, "\(result.output)\(result.errors)")
        #expect(result.lines.contains { $0.contains("FAIL  port") && $0.contains("in use") })
        #expect(result.lines.contains { $0.contains("WARN  name") && $0.contains("no-such-name.invalid") })
        for name in ["user", "capabilities", "file limit", "state", "firewall rules", "admin socket"] {
            #expect(result.lines.contains { $0.contains("  \(name)") }, "\(name)")
        }
        port.release()
        #expect(try await Program.run("check", "--live", "--config", file).lines.contains { $0.contains("ok    port") && $0.contains("is free") })
    }

    /// Where an operator installed one.
    @Test(.enabled("needs namespaces of its own", Program.mayBeAlone), arguments: [
        ("ListenStream=127.0.0.1:2525\nListenStream=[::1]:2525\n", "ok    socket unit", "has what bind has"),
        ("ListenStream=25\nListenStream=127.0.0.1:2525\n", "WARN  socket unit", "no listener binds [::]:25: connections wait there in vain; it has not [::1]:2525"),
    ])
    func `--live compares bind with the socket unit`(_ streams: String, _ mark: String, _ words: String) async throws {
        let folder = try Folder()
        try folder.write("unit", "[Socket]\nListenStream=1\nListenStream=\n\(streams)Backlog=1024\n")
        try folder.write(
            "c.toml",
            "state = \"memory\"\n[[listener]]\nname = \"o\"\nbind = [\"127.0.0.1:2525\", \"[::1]:2525\"]\ndestination = \"127.0.0.1:9\"\n")
        let inside = """
            mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && cp "$1/unit" /run/systemd/system/mailshim.socket &&
            exec "$2" check --live --config "$1/c.toml"
            """
        let script = try folder.write("check.sh", "exec unshare -rmn sh -c '\(inside)' sh '\(folder.url.path)' '\(Program.path)'\n")
        let result = try await Shell.run(script.path)
        #expect(result.lines.contains { $0.contains(mark) && $0.contains(words) }, "\(result.output)\(result.errors)")
    }
}

/// A port of loopback that somebody listens on.
private final class FreePort {
    private let descriptor: CInt
    let number: Int

    init() throws {
        self.descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.descriptor
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 && listen(descriptor, 1) == 0 }
        }
        try #require(isBound)
        withUnsafeMutablePointer(to: &address) { _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) } }
        self.number = Int(address.sin_port.bigEndian)
    }

    func release() { close(self.descriptor) }
}
