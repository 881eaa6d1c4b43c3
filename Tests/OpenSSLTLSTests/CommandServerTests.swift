import Foundation
import NIOCore
import Testing

@testable import OpenSSLTLS

/// We are the server, `openssl s_client` is the client.
@Suite(.timeLimit(.minutes(5))) struct CommandServerTests {
    private func client(_ port: Int, _ arguments: [String], input: String? = nil) throws -> Command {
        try Command(
            ["s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", Certificates.authority.certificate, "-servername", Certificates.name]
                + arguments,
            input: input)
    }

    @Test(arguments: CommandClientTests.versions)
    func everyVersionAndItsResumption(_ it: CommandClientTests.Version) async throws {
        let server = try TLSServerContext.testing(Certificates.rsa, it.age)
        let (listener, port) = try await Line.listen { try TLSHandler(server: server) }
        let session = "\(Certificates.folder)/\(UUID().uuidString).session"
        for attempt in 0..<2 {
            let command = try self.client(
                port, [it.flag, attempt == 0 ? "-sess_out" : "-sess_in", session] + (it.age == .legacy ? CommandClientTests.old : []))
            let line = try await listener.next()
            let facts = try await line.facts()
            #expect(facts.version == it.version)
            #expect(facts.resumed == (attempt > 0))
            #expect(facts.weaknesses == it.weaknesses)
            if !facts.resumed { #expect(facts.requestedName == Certificates.name) }
            command.write("hello\n")
            try await line.wait(forText: "hello\n")
            line.write("220 welcome\n")
            try await command.wait(for: "220 welcome\n")
            #expect(command.text.contains("Verify return code: 0 (ok)"))
            command.endInput()
            try await line.wait(for: .inputClosed)
            #expect(await line.all.contains(.shutdown))
            line.channel.close(promise: nil)
            command.stop()
        }
    }

    @Test(arguments: ["-tls1", "-tls1_1"])
    func modernRefusesTheOldWithWords(_ flag: String) async throws {
        let (listener, port) = try await Line.listen { try TLSHandler(server: .testing()) }
        let command = try self.client(port, [flag, "-cipher", "ALL:@SECLEVEL=0"])
        let line = try await listener.next()
        #expect(try await line.error() == "handshake failed: unsupported protocol (error)")
        try await command.wait(for: "alert protocol version")
        try await line.wait(for: .inactive)
        command.stop()
    }

    @Test func aClientThatDoesNotBelieveUs() async throws {
        let (listener, port) = try await Line.listen { try TLSHandler(server: .testing(Certificates.unknown)) }
        let command = try self.client(port, ["-verify_return_error", "-tls1_2"])
        let line = try await listener.next()
        let error = try await line.error()
        #expect(error.hasPrefix("the peer says unknown CA (alert 48)"))
        command.stop()
    }

    @Test(arguments: ["-tls1_3", "-tls1_2"])
    func octetsOneAtATime(_ flag: String) async throws {
        let (listener, port) = try await Line.listen(front: { Slicer() }) { try TLSHandler(server: .testing()) }
        let command = try self.client(port, [flag])
        let line = try await listener.next()
        command.write("hello\n")
        try await line.wait(forText: "hello\n")
        line.write("220 welcome\n")
        try await command.wait(for: "220 welcome\n")
        command.stop()
        line.channel.close(promise: nil)
    }

    @Test func aMegabyteBothWaysAtOnce() async throws {
        let big = (0..<32_768).map { String($0 + 1_000_000_000) + " 0123456789abcdef0123\n" }.joined()
        let path = "\(Certificates.folder)/\(UUID().uuidString).big"
        try big.write(toFile: path, atomically: true, encoding: .utf8)
        let (listener, port) = try await Line.listen { try TLSHandler(server: .testing()) }
        let command = try self.client(port, ["-quiet", "-ign_eof"], input: path)
        let line = try await listener.next()
        _ = try await line.facts()
        line.write(big)
        try await line.wait { Line.text(of: $0).utf8.count >= big.utf8.count ? true : nil }
        #expect(await line.text == big)
        try await command.wait(for: "1000032767 0123456789abcdef0123\n")
        #expect(command.text.contains(big))
        command.stop()
        line.channel.close(promise: nil)
    }

    @Test func weSayGoodbyeFirst() async throws {
        let (listener, port) = try await Line.listen { try TLSHandler(server: .testing()) }
        let command = try self.client(port, ["-tls1_2"])
        let line = try await listener.next()
        _ = try await line.facts()
        line.write("221 bye\n")
        try await line.channel.close(mode: .output)
        try await command.wait(for: "221 bye\n")
        try await line.wait(for: .inactive)
        #expect(!(await line.all.contains(.truncated)))
        command.stop()
    }
}
