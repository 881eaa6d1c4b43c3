import Foundation
import OddHost
import OpenSSLTLS
import Testing

/// `mailshim probe` and STARTTLS.
@Suite struct ProbeTLSTests {
    private let folder: Folder
    private let identity: TLSIdentity

    init() async throws {
        self.folder = try Folder()
        try await Shell.makeCertificate("host", in: self.folder)
        self.identity = try TLSIdentity(certificate: self.folder.path("host.crt"), key: self.folder.path("host.key"))
    }

    private func behaviour(_ manner: HostTLS.Manner = .shakesHands) throws -> Behaviour {
        var behaviour = Behaviour()
        behaviour.tls = HostTLS(try TLSServerContext(identity: self.identity))
        behaviour.tls?.manner = manner
        return behaviour
    }

    @Test func `version, cipher, names, chain and expiry`() async throws {
        let probing = try await Probing(self.behaviour())
        #expect(probing.result.status == 0, "\(probing.result.output)")
        let tls = try #require(probing["tls"] as? [String: Any])
        #expect(tls["version"] as? String == "TLSv1.3")
        #expect((tls["cipher"] as? String)?.hasPrefix("TLS_AES") == true)
        #expect(tls["subject"] as? String == "CN=localhost")
        #expect(tls["chain_doubt"] as? String == "self-signed certificate")
        let left = try #require(tls["not_after"] as? Double) - Date().timeIntervalSince1970
        #expect((29.0 * 86_400...30.0 * 86_400).contains(left))
        let words = try #require(probing.found("STARTTLS"))
        #expect(words.contains("certificate for CN=localhost, valid until 20") && words.contains(" days)"), "\(words)")
        // All that follows goes over TLS.
        #expect(probing.visits.count == 4 && probing.visits.allSatisfy { $0.handshake != nil })
    }

    @Test func `a trusted chain is said to be trusted`() async throws {
        let probing = try await Probing(self.behaviour(), environment: ["SSL_CERT_FILE": self.folder.path("host.crt")])
        #expect(probing.found("STARTTLS")?.contains("chain: trusted") == true, "\(probing.result.output)")
        #expect((probing["tls"] as? [String: Any])?["chain_doubt"] is NSNull)
    }

    @Test(arguments: [HostTLS.Manner.garbage("454 no TLS today\r\n"), .closes, .resets, .stalls])
    func `a handshake that comes to nothing`(_ manner: HostTLS.Manner) async throws {
        let probing = try await Probing(self.behaviour(manner))
        #expect(probing.quirks == ["broken-starttls shown"], "\(probing.result.output)")
        #expect(probing.result.status == 1)
        #expect(probing.found("parameters")?.hasPrefix("accepted: SIZE") == true, "the rest is tried in clear text")
        let config = try #require(probing.config)
        #expect(try await Program.run("check", "--config", self.folder.write("probe.toml", config).path).status == 0)
    }

    @Test(arguments: [("500 5.5.2 what?", ["broken-starttls shown"]), ("454 4.7.0 TLS not available now", [])])
    func `STARTTLS refused for good is a quirk, refused for now none`(_ reply: String, _ quirks: [String]) async throws
    {
        var behaviour = try self.behaviour()
        behaviour.exceptions = [.at(.starttls, nil, .reply(reply))]
        let probing = try await Probing(behaviour)
        #expect(probing.quirks == quirks, "\(probing.result.output)")
        #expect(probing.found("STARTTLS")?.contains(reply) == true)
    }

    @Test func `EHLO over TLS that is refused`() async throws {
        var behaviour = try self.behaviour()
        behaviour.exceptions = [Exception(.reply("550 5.0.0 no")) { $0.verb == .ehlo && $0.count == 2 }]
        let probing = try await Probing(behaviour)
        #expect(probing.quirks == ["broken-starttls shown"], "\(probing.result.output)")
    }

    @Test func `clear text behind the 220 is not heard over TLS`() async throws {
        var behaviour = try self.behaviour()
        behaviour.tls?.injects = "250 2.1.0 Ok\r\n"
        let probing = try await Probing(behaviour)
        #expect(probing.quirks == ["broken-starttls shown"], "\(probing.result.output)")
    }
}
