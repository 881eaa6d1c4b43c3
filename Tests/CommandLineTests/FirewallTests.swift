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
        #expect(made.output.hasPrefix("#!/bin/sh\n"))
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
        let result = try await Shell.run(script)
        #expect(result.status == 0)
        #expect(result.output.contains("meta skuid \(isMissing ? "\(getuid())" : "0") return"))
        #expect(result.errors.contains("there is no user nobody'here, so connections of user number \(getuid()) go out") == isMissing)
        #expect(result.errors.isEmpty != isMissing)
    }
}
