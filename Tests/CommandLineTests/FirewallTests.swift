import Glibc
import Testing

/// `mailshim firewall`: whether the rules work is tested where there are network namespaces (PeerTests).
@Suite struct FirewallTests {
    static let config = "[[listener]]\nbind = \"0.0.0.0:2599\"\ndestination = \"DESTINATION\"\nallow = [\"10.0.0.0/8\"]\n"

    @Test(arguments: [("original", "redirect"), ("tproxy", "tproxy")])
    func `the rules of a listener, and their end`(_ destination: String, _ verb: String) async throws {
        let folder = try Folder()
        let file = try folder.write("c.toml", Self.config.replacing("DESTINATION", with: destination)).path
        let made = try await Program.run("firewall", "--config", file)
        #expect(made.status == 0)
        #expect(made.output.hasPrefix("#!/bin/sh\n{\n"))
        for word in ["nft", verb, ":2599", "10.0.0.0/8", "dport 25"] { #expect(made.output.contains(word)) }
        let undone = try await Program.run("firewall", "--config", file, "--undo")
        #expect(undone.status == 0)
        #expect(undone.output.contains("nft delete table inet mailshim"))
        for script in [made, undone] {
            let shell = try folder.write("script.sh", script.output).path
            #expect(try await Shell.accepts(shell), "\(script.output)")
        }
    }

    @Test func `Mailshim's own user is exempt, whatever its name`() async throws {
        let folder = try Folder()
        let file = try folder.write("c.toml", "[[listener]]\nbind = \"127.0.0.1:2599\"\ndestination = \"original\"\n").path
        let made = try await Program.run("firewall", "--config", file, "--user", "it's me")
        #expect(made.output.contains("id -u 'it'\\''s me'"))
    }

    /// Under `sudo sh` that is root, and Mailshim may run as somebody else.
    @Test(arguments: [("root", false), ("nobody'here", true)])
    func `who is exempt instead of a user that does not exist is said`(_ user: String, _ isMissing: Bool) async throws {
        let folder = try Folder()
        let file = try folder.write("c.toml", "[[listener]]\nbind = \"127.0.0.1:2599\"\ndestination = \"original\"\n").path
        let made = try await Program.run("firewall", "--config", file, "--user", user)
        #expect(made.output.contains("\n# ") && made.output.contains("mailshim firewall --user NAME"))
        // The rules themselves would need root; nft only shows what it is given.
        let script = try folder.write("script.sh", "nft() { cat; }\n\(made.output)").path
        #expect(made.output.contains("IPv6 is not redirected"))
        let result = try await Shell.run(script)
        #expect(result.status == 0)
        #expect(result.output.contains("meta skuid \(isMissing ? "\(getuid())" : "0") return"))
        #expect(result.errors.contains("there is no user nobody'here, so connections of user number \(getuid()) go out") == isMissing)
        #expect(result.errorLines.count == (isMissing ? 2 : 1))
    }

    /// Whatever is missing at its end, such a script does nothing and fails.
    @Test(arguments: [["firewall"], ["firewall", "--undo"]])
    func `a script that was cut short fails`(_ command: [String]) async throws {
        let folder = try Folder()
        let file = try folder.write("c.toml", Self.config.replacing("DESTINATION", with: "tproxy")).path
        let whole = await (try Running(command + ["--config", file])).ended(within: 30).output
        let stubs = "nft() { echo \"nft $*\" >>\(folder.path("done")); }\nip() { nft; }\nss() { nft; }\n"
        let lengths = Set(stride(from: "#!/bin/sh\n{".utf8.count, to: whole.utf8.count - 2, by: 97) + [whole.utf8.count - 2, whole.utf8.count - 3])
        for length in lengths {
            let script = try folder.write("script.sh", stubs + String(decoding: whole.utf8.prefix(length), as: UTF8.self)).path
            #expect(try await Shell.run(script).status != 0, "\(length) octets")
            #expect(folder.read("done") == "")
        }
    }

    @Test func `a listener that contributes no rule is 78, and behind a pipe too`() async throws {
        let folder = try Folder()
        let config = "[[listener]]\nname = \"out\"\nbind = \"[::]:2599\"\ndestination = \"original\"\nallow = [\"10.0.0.0/8\"]\n"
        let file = try folder.write("c.toml", config).path
        for words in [["firewall"], ["firewall", "apply"]] {
            let result = await (try Running(words + ["--config", file])).ended(within: 30)
            #expect(result.status == 78 && result.errors.contains("listener out: nothing is led to it"), "\(result.errors)")
            guard words.count == 1 else { continue }
            #expect(try await Shell.run(folder.write("refused.sh", result.output).path).status == 78)
        }
        // It may be meant: there is mail without a redirect.
        let check = try await Program.run("check", "--config", file)
        #expect(check.status == 0 && check.errors.contains("warning: listener out: nothing is led to it"), "\(check.errors)")
    }

    @Test func `behind a pipe a wrong config or command fails too`() async throws {
        let folder = try Folder()
        let file = try folder.write("c.toml", "[[listner]]\n").path
        for (words, status) in [
            (["firewall", "--config", file], 78), (["firewall", "--usr", "x"], 64), (["firewall", "--config", folder.path("none")], 78),
        ] {
            let result = await (try Running(words)).ended(within: 30)
            #expect(result.status == status)
            let shell = try await Shell.run(folder.write("refused.sh", result.output).path)
            #expect(shell.status == status && shell.errors.contains("nothing was changed"))
        }
    }

    /// What cannot be read must not stand in the way of going back.
    @Test func `undo needs no config`() async throws {
        let result = try await Program.run("firewall", "--undo", "--config", "/none.toml")
        #expect(result.status == 0 && result.errors.contains("cannot be read") && result.output.contains("nft delete table inet mailshim"))
    }
}
