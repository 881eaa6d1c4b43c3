import Foundation
import Testing

/// `mailshim replay`: a bug report is a file.
@Suite struct ReplayTests {
    private static let transcript = """
        title: The second message, at a host that takes one a connection
        ---
        S= 220 mx.example.net ESMTP
        C= EHLO gw.example
        S= 250 mx.example.net
        C= MAIL FROM:<a@example.org>
        S= 250 ok
        C= RCPT TO:<x@example.net>
        S= 250 ok
        C= DATA
        S= 354 go
        C= .
        S= 250 queued
        >S QUIT
        S: 221 bye
        ! S closes
        ! >S closed

        """
    private static let listener = "[[listener]]\nbind = \"127.0.0.1:2525\"\ndestination = \"original\"\n"

    private func replay(_ rules: String, _ transcript: String = Self.transcript) async throws -> (Program.Result, String) {
        let folder = try Folder()
        let config = try folder.write("mailshim.toml", Self.listener + rules).path
        let file = try folder.write("report.smtp", transcript).path
        return (try await Program.run("replay", config, file), file)
    }

    @Test(arguments: [
        "[address.\"192.0.2.1\"]\nquirks = [\"message-limit\"]", "[address.\"192.0.2.0/24\"]\nport = 25\nquirks = [\"message-limit\"]",
        "[host.\"*.example.net\"]\nquirks = [\"message-limit\"]", "[domain.\"example.net\"]\nquirks = [\"message-limit\"]",
    ])
    func `all goes as written where the config says so`(_ rules: String) async throws {
        // The rules of a domain are asked for only where there are some.
        let (result, file) = try await self.replay(rules)
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output == "\(file): as written\n")
    }

    @Test func `a difference is told with its line`() async throws {
        let (result, file) = try await self.replay("[address.\"192.0.2.2\"]\nquirks = [\"message-limit\"]")
        #expect(result.status == 1)
        #expect(result.output == "\(file):14: expected S on #1 to hear \"QUIT\\r\\n\", heard nothing (played whole)\n")
    }

    /// What the header says of rules is the config's to say; what it says was learned holds, unless the config ignores it.
    @Test(arguments: [("quirks: message-limit", "", 1), ("quirks: message-limit (learned)", "", 0), ("quirks: message-limit (learned)", "[default]\nignore = [\"message-limit\"]", 1)])
    func `the header's rules`(_ header: String, _ rules: String, status: Int32) async throws {
        let transcript = Self.transcript.replacing("\n---", with: "\n\(header)\n---")
        let (result, _) = try await self.replay(rules, transcript)
        #expect(result.status == status, "\(result.output)\(result.errors)")
    }

    @Test func `time-outs are the config's`() async throws {
        let transcript = "title: Idle\n---\nS= 220 mx.example.net\n@ +60s\n>C? 421 4.4.2 *\n! >C closed\n>S QUIT\nS: 221 bye\n! S closes\n! >S closed\n"
        #expect(try await self.replay("[timeouts]\nidle = \"60s\"", transcript).0.status == 0)
        #expect(try await self.replay("", transcript).0.status == 1)
    }

    @Test(arguments: [("title: a\nnonsense", 65), ("title: a\nquirks: no-such\n---\nS= 220 a\n", 65), ("title: a\n---\nS= 220 a\nX\n", 65), ("", 65)])
    func `a wrong transcript is 65, with its line`(_ transcript: String, status: Int32) async throws {
        let (result, file) = try await self.replay("", transcript)
        #expect(result.status == status)
        #expect(result.output == "")
        #expect(result.errorLines.count == 1 && result.errors.hasPrefix("\(file):"))
    }

    @Test func `what cannot be read`() async throws {
        let folder = try Folder()
        let config = try folder.write("mailshim.toml", Self.listener).path
        let file = try folder.write("report.smtp", Self.transcript).path
        #expect(try await Program.run("replay", config, file + "x").status == 66)
        #expect(try await Program.run("replay", config + "x", file).status == 78)
        let wrong = try folder.write("wrong.toml", "hostnam = 1").path
        let result = try await Program.run("replay", wrong, file)
        #expect(result.status == 78 && result.errors.hasPrefix("\(wrong):1:1: hostnam"))
        #expect(try await Program.run("replay", config).status == 64)
    }
}
