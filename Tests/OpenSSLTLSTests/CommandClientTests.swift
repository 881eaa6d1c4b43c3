import Dispatch
import NIOCore
import Testing

@testable import OpenSSLTLS

/// We are the client, `openssl s_server` is the server.
@Suite(.timeLimit(.minutes(5))) struct CommandClientTests {
    struct Version: Sendable, CustomTestStringConvertible {
        let flag: String
        let age: TLSAge
        let version: TLSVersion
        var weaknesses: [TLSWeakness] = []
        var testDescription: String { "\(self.flag) \(self.age)" }
    }

    static let old = ["-cipher", "ALL:@SECLEVEL=0"]
    static let versions = [
        Version(flag: "-tls1_3", age: .modern, version: .tls13),
        Version(flag: "-tls1_2", age: .modern, version: .tls12),
        Version(flag: "-tls1_2", age: .legacy, version: .tls12),
        Version(flag: "-tls1_1", age: .legacy, version: .tls11, weaknesses: [.version(.tls11)]),
        Version(flag: "-tls1", age: .legacy, version: .tls10, weaknesses: [.version(.tls10)]),
    ]

    @Test(arguments: versions)
    func everyVersionAndItsResumption(_ it: Version) async throws {
        let (command, port) = try await Command.server(Certificates.rsa, [it.flag, "-rev"] + (it.age == .legacy ? Self.old : []))
        let client = try TLSClientContext.testing(it.age)
        let place = TLSSessionCache().place(address: "127.0.0.1:\(port)", setting: "")
        for attempt in 0..<3 {
            let line = try await Line.connect(port) { try TLSHandler(client: client, name: Certificates.name, sessions: place) }
            let facts = try await line.facts()
            #expect(facts.version == it.version)
            #expect(facts.resumed == (attempt > 0))
            #expect(facts.weaknesses == it.weaknesses)
            #expect(facts.doubt == nil)
            line.write("hello\n")
            try await line.wait(forText: "olleh\n")
            line.channel.close(promise: nil)
            try await line.wait(for: .inactive)
            #expect(await line.all.last == .inactive)
        }
        command.stop()
    }

    @Test(arguments: ["-tls1", "-tls1_1"])
    func modernRefusesTheOldWithWords(_ flag: String) async throws {
        let (command, port) = try await Command.server(Certificates.rsa, [flag] + Self.old)
        let line = try await Line.connect(port) { try TLSHandler(client: .testing(), name: Certificates.name) }
        #expect(try await line.error().contains("protocol version"))
        try await line.wait(for: .inactive)
        command.stop()
    }

    @Test(arguments: [false, true])
    func whatIsWrongWithTheCertificate(old: Bool) async throws {
        let cases: [(Certificates.Pair, String)] = [
            (Certificates.other, "the certificate is for other.example.test, not for mx.example.test"),
            (Certificates.expired, "certificate has expired"),
            (Certificates.unknown, "unable to get local issuer certificate"),
            (Certificates.small, "EE certificate key too weak"),
        ]
        let client = try TLSClientContext.testing(old ? .legacy : .modern)
        for (pair, doubt) in cases {
            let (command, port) = try await Command.server(pair, (old ? ["-tls1"] : []) + Self.old)
            let line = try await Line.connect(port) { try TLSHandler(client: client, name: Certificates.name) }
            let facts = try await line.facts()
            #expect(facts.doubt == doubt)
            #expect(facts.version == (old ? .tls10 : .tls13))
            line.channel.close(promise: nil)
            command.stop()
        }
    }

    /// A key exchange of 1024 bits: modern refuses it, legacy takes and names it.
    @Test func aSmallExchange() async throws {
        let parameters = "\(Certificates.folder)/dh1024.pem"
        Command.run([
            "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "dh_paramgen_prime_len:1024", "-pkeyopt", "dh_paramgen_type:0", "-out",
            parameters,
        ])
        let (command, port) = try await Command.server(
            Certificates.rsa, ["-tls1_2", "-dhparam", parameters, "-cipher", "DHE-RSA-AES128-SHA:@SECLEVEL=0"])
        let modern = try await Line.connect(port) { try TLSHandler(client: .testing(), name: Certificates.name) }
        #expect(try await modern.error().contains("dh key too small"))
        let client = try TLSClientContext.testing(.legacy)
        let place = TLSSessionCache().place(address: "127.0.0.1:\(port)", setting: "")
        for attempt in 0..<3 {
            let legacy = try await Line.connect(port) { try TLSHandler(client: client, name: Certificates.name, sessions: place) }
            let facts = try await legacy.facts()
            // A resumed session has the secrets that were agreed on then.
            #expect(facts.resumed == (attempt > 0))
            #expect(facts.weaknesses == [.exchange(bits: 1024)])
            #expect(facts.cipher == "DHE-RSA-AES128-SHA")
            #expect(facts.bits == 128)
            legacy.channel.close(promise: nil)
            try await legacy.wait(for: .inactive)
        }
        command.stop()
    }

    /// A server that asks for a new handshake in the middle: legacy obliges, modern says no and goes on.
    @Test(arguments: [TLSAge.modern, .legacy])
    func renegotiation(_ age: TLSAge) async throws {
        let (command, port) = try await Command.server(Certificates.rsa, ["-tls1_2", "-legacy_renegotiation"])
        let line = try await Line.connect(port) { try TLSHandler(client: .testing(age), name: Certificates.name) }
        _ = try await line.facts()
        line.write("before\n")
        try await command.wait(for: "before")
        command.write("r\n")
        try await command.wait(for: "SSL_do_handshake -> ")
        line.write("after\n")
        switch age {
        case .legacy:
            try await command.wait(for: "after")
            command.write("reply\n")
            try await line.wait(forText: "reply\n")
        case .modern:
            // s_server gives up where it is refused.
            try await line.wait { $0.contains(.inactive) || $0.contains(.inputClosed) ? true : nil }
        }
        line.channel.close(promise: nil)
        command.stop()
    }

    /// TLS 1.3: either side may change its keys, and demand it of the other.
    @Test func keyUpdates() async throws {
        let (command, port) = try await Command.server(Certificates.good, ["-tls1_3"])
        let line = try await Line.connect(port) { try TLSHandler(client: .testing(), name: Certificates.name) }
        _ = try await line.facts()
        for number in 0..<3 {
            command.write("K\n")
            line.write("mail \(number)\n")
            try await command.wait(for: "mail \(number)\n")
            command.write("answer \(number)\n")
            try await line.wait(forText: "answer \(number)\n")
        }
        line.channel.close(promise: nil)
        command.stop()
    }

    @Test(arguments: ["-tls1_3", "-tls1_2"])
    func octetsOneAtATime(_ flag: String) async throws {
        let (command, port) = try await Command.server(Certificates.rsa, [flag, "-rev"])
        let line = try await Line.connect(port, front: { Slicer() }) { try TLSHandler(client: .testing(), name: Certificates.name) }
        line.write("hello\n")
        try await line.wait(forText: "olleh\n")
        line.channel.close(promise: nil)
        command.stop()
    }

    @Test func aMegabyteBothWaysAtOnce() async throws {
        let big = (0..<32_768).map { String($0 + 1_000_000_000) + " 0123456789abcdef0123\n" }.joined()
        let (command, port) = try await Command.server(Certificates.good, [])
        let line = try await Line.connect(port) { try TLSHandler(client: .testing(), name: Certificates.name) }
        _ = try await line.facts()
        // Not on this thread: it waits until the command has read it.
        DispatchQueue(label: "writer").async { command.write(big) }
        line.write(big)
        try await line.wait { Line.text(of: $0).utf8.count >= big.utf8.count ? true : nil }
        #expect(await line.text == big)
        try await command.wait(for: "1000032767 0123456789abcdef0123\n")
        #expect(command.text.contains(big))
        #expect(await !line.all.contains { if case .error = $0 { true } else { false } })
        line.channel.close(promise: nil)
        command.stop()
    }

    @Test(arguments: ["-tls1_3", "-tls1_2"])
    func theServerSaysGoodbye(_ flag: String) async throws {
        let (command, port) = try await Command.server(Certificates.rsa, [flag, "-rev"])
        let line = try await Line.connect(port) { try TLSHandler(client: .testing(), name: Certificates.name) }
        line.write("hello\n")
        try await line.wait(forText: "olleh\n")
        line.write("CLOSE\n")
        try await line.wait(for: .inputClosed)
        let heard = await line.all
        #expect(heard.contains(.shutdown) && !heard.contains(.truncated))
        try await line.channel.close(mode: .output)
        try await line.wait(for: .inactive)
        command.stop()
    }

    /// `Q` closes the socket alone, as many a host does.
    @Test func theServerEndsWithoutAWord() async throws {
        let (command, port) = try await Command.server(Certificates.good, [])
        let line = try await Line.connect(port) { try TLSHandler(client: .testing(), name: Certificates.name) }
        _ = try await line.facts()
        command.write("bye\n")
        try await line.wait(forText: "bye\n")
        command.write("Q\n")
        try await line.wait(for: .inputClosed)
        let heard = await line.all
        #expect(heard.contains(.truncated) && !heard.contains(.shutdown))
        line.channel.close(promise: nil)
        try await line.wait(for: .inactive)
        command.stop()
    }

    @Test func theServerIsKilled() async throws {
        let (command, port) = try await Command.server(Certificates.good, [])
        let line = try await Line.connect(port) { try TLSHandler(client: .testing(), name: Certificates.name) }
        _ = try await line.facts()
        command.stop()
        try await line.wait(for: .truncated)
        line.channel.close(promise: nil)
        try await line.wait(for: .inactive)
    }
}
