import OddHost
import Testing

@testable import ProxyServer

/// AUTH carried across (RFC 4954).
@Suite(.serialized) struct PasswordTests {
    private static let plain = "AGEAc2VjcmV0LXdvcmQ="
    private static let user = "dXNlci1uYW1l"
    private static let password = "c2VjcmV0LXdvcmQ="

    struct Exchange: Sendable, CustomTestStringConvertible {
        let lines: [String]
        var testDescription: String { self.lines.first ?? "" }
    }

    static let exchanges = [
        Exchange(lines: ["AUTH PLAIN \(plain)"]), Exchange(lines: ["AUTH PLAIN", plain]), Exchange(lines: ["AUTH LOGIN", user, password]),
        Exchange(lines: ["auth login \(user)", password]), Exchange(lines: ["AUTH XOAUTH2 \(plain)"]),
    ]

    private func secure(_ shape: Shape = .noReuse(), remote: String = "tls = \"verified\"\nnames = [\"localhost\"]", kind: SecureRig.Kind = .good, listener: String = "")
        async throws -> SecureRig
    {
        var behaviour = try SecureRig.behaviour(kind, auth: "AUTH PLAIN LOGIN XOAUTH2 CRAM-MD5 SCRAM-SHA-256-PLUS EXTERNAL")
        behaviour.shape = shape
        behaviour.needsAuthentication = true
        return try await SecureRig.start(behaviour, remote: remote, listener: listener)
    }

    @Test(arguments: exchanges)
    func whatWasSaidIsSaidAgainOnExtraConnections(_ exchange: Exchange) async throws {
        let secure = try await self.secure()
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        _ = try await gateway.startTLS()
        #expect(await gateway.hello().contains("AUTH PLAIN LOGIN XOAUTH2 CRAM-MD5"))
        var reply: String?
        for line in exchange.lines { reply = await gateway.ask(line) }
        #expect(reply?.prefix(3) == "235")
        for number in 1...3 { #expect(await gateway.codes(from: "a\(number)@example.org") == Gateway.delivered) }
        gateway.close()
        #expect(await secure.rig.isQuiet())
        #expect(secure.host.visits.count == 3)
        #expect(secure.host.visits.allSatisfy { $0.credentials == exchange.lines && !$0.credentialsInClear })
        for line in secure.rig.journal.lines {
            #expect([Self.plain, Self.user, Self.password].allSatisfy { !line.text.contains($0) }, "\(line.text)")
        }
        try await secure.stop()
    }

    /// What was said once cannot be said again: the gateway hears 421 at the message boundary and comes again by itself.
    @Test func aChallengeCannotBeAnsweredTwice() async throws {
        let secure = try await self.secure()
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        _ = try await gateway.startTLS()
        _ = await gateway.hello()
        #expect(await gateway.ask("AUTH CRAM-MD5")?.prefix(3) == "334")
        #expect(await gateway.ask(Self.user)?.prefix(3) == "235")
        #expect(await gateway.codes(from: "a@example.org") == Gateway.delivered)
        let second = await gateway.message(from: "b@example.org")
        #expect(second.last?.prefix(3) == "421", "\(second)")
        gateway.close()
        #expect(await secure.rig.isQuiet())
        #expect(secure.host.visits.flatMap(\.credentials) == ["AUTH CRAM-MD5", Self.user])
        try await secure.stop()
    }

    @Test(arguments: [
        (SecureRig.Kind.good, "", true), (.unknownAuthority, "", false), (.unknownAuthority, "auth = \"unverified\"", true),
        (.otherName, "", false), (.expired, "", false), (.expired, "auth = \"unverified\"", true),
    ])
    func passwordsNeedAVerifiedRemoteOrARule(_ kind: SecureRig.Kind, _ rule: String, _ isShown: Bool) async throws {
        let secure = try await self.secure(.healthy, remote: "tls = \"required\"\n" + rule, kind: kind)
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        _ = try await gateway.startTLS()
        #expect(await gateway.hello().contains { $0.hasPrefix("AUTH ") && $0.contains("PLAIN") } == isShown)
        #expect((await gateway.ask("AUTH PLAIN \(Self.plain)")?.prefix(3) == "235") == isShown)
        gateway.close()
        try await secure.stop()
    }

    /// The tests' gateway is on loopback, where nobody listens.
    @Test func onLoopbackPasswordsAreTakenInClearText() async throws {
        let secure = try await self.secure(.healthy)
        let gateway = try await secure.gateway()
        #expect(await gateway.hello().contains { $0.hasPrefix("AUTH ") && $0.contains("PLAIN") })
        gateway.close()
        try await secure.stop()
    }
}
