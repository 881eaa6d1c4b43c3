import NIOCore
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
        Exchange(lines: ["auth login \(user)", password]), Exchange(lines: ["AUTH XOAUTH2 \(plain)"]), Exchange(lines: ["AUTH XOAUTH2", plain]),
        Exchange(lines: ["AUTH OAUTHBEARER \(plain)"]), Exchange(lines: ["AUTH OAUTHBEARER", plain]),
    ]

    static let offered = "AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER CRAM-MD5 SCRAM-SHA-256 SCRAM-SHA-256-PLUS GSSAPI EXTERNAL"
    static let shown = "AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER CRAM-MD5 SCRAM-SHA-256 GSSAPI"
    /// What is left where nobody may hear a password.
    static let proving = "AUTH CRAM-MD5 SCRAM-SHA-256 GSSAPI"

    private func secure(
        _ shape: Shape = .noReuse(), remote: String = "tls = \"verified\"\nnames = [\"localhost\"]", kind: SecureRig.Kind = .good,
        listener: String = "",
        offers: String = PasswordTests.offered
    ) async throws -> SecureRig {
        var behaviour = try SecureRig.behaviour(kind, auth: offers)
        behaviour.shape = shape
        behaviour.needsAuthentication = true
        return try await SecureRig.start(behaviour, remote: remote, listener: listener)
    }

    /// EHLO, STARTTLS and EHLO; the keywords of the last.
    private func encrypt(_ gateway: SecureGateway) async throws -> [String] {
        _ = await gateway.hello()
        _ = try await gateway.startTLS()
        return await gateway.hello()
    }

    private func expectNoSecrets(_ secure: SecureRig) {
        for line in secure.rig.journal.lines {
            #expect([Self.plain, Self.user, Self.password, "secret-word"].allSatisfy { !line.text.contains($0) }, "\(line.text)")
        }
    }

    @Test(arguments: exchanges)
    func whatWasSaidIsSaidAgainOnExtraConnections(_ exchange: Exchange) async throws {
        let secure = try await self.secure()
        let gateway = try await secure.gateway()
        #expect(try await self.encrypt(gateway).contains(Self.shown))
        var reply: String?
        for line in exchange.lines { reply = await gateway.ask(line) }
        #expect(reply?.prefix(3) == "235")
        for number in 1...3 { #expect(await gateway.codes(from: "a\(number)@example.org") == Gateway.delivered) }
        gateway.close()
        #expect(await secure.rig.isQuiet())
        #expect(secure.host.visits.count == 3)
        #expect(secure.host.visits.allSatisfy { $0.credentials == exchange.lines && !$0.credentialsInClear })
        self.expectNoSecrets(secure)
        try await secure.stop()
    }

    static let challenges = [
        Exchange(lines: ["AUTH CRAM-MD5", user]), Exchange(lines: ["AUTH SCRAM-SHA-256 \(user)", plain, ""]),
        Exchange(lines: ["AUTH SCRAM-SHA-256", user, plain, ""]), Exchange(lines: ["AUTH GSSAPI \(plain)", "", user]),
        Exchange(lines: ["AUTH GSSAPI", plain, "", user]),
    ]

    /// What was said once cannot be said again: the gateway hears 421 at the message boundary and comes again by itself.
    @Test(arguments: challenges)
    func aChallengeCannotBeAnsweredTwice(_ exchange: Exchange) async throws {
        let secure = try await self.secure()
        for number in 1...2 {
            let gateway = try await secure.gateway()
            _ = try await self.encrypt(gateway)
            for (place, line) in exchange.lines.enumerated() {
                let reply = await gateway.ask(line)
                // What the host said, octet for octet.
                #expect(secure.host.visits.last?.transcript.last == reply.map { "S: \($0)" })
                #expect(reply?.prefix(3) == (place < exchange.lines.count - 1 ? "334" : "235"), "\(line)")
            }
            #expect(await gateway.codes(from: "a\(number)@example.org") == Gateway.delivered)
            let second = await gateway.message(from: "b@example.org")
            #expect(second.count == 1 && second.last?.hasPrefix("421 4.7.0") == true, "\(second)")
            #expect(await gateway.line() == nil)
            gateway.close()
            #expect(await secure.rig.isQuiet())
        }
        #expect(secure.host.visits.map(\.credentials) == [exchange.lines, exchange.lines])
        #expect(secure.host.messages.map(\.sender) == ["a1@example.org", "a2@example.org"])
        #expect(secure.rig.journal.lines("repair").contains { $0.text.contains("action=421") && $0.text.contains("cannot be said again") })
        self.expectNoSecrets(secure)
        try await secure.stop()
    }

    @Test(arguments: ["CRAM-MD5", "PLAIN"])
    func aGatewayMayGiveUp(_ mechanism: String) async throws {
        let secure = try await self.secure(.healthy)
        secure.host.behaviour.exceptions = [.at(.auth, 2, connection: nil, .reply("501 5.5.2 cancelled"))]
        let gateway = try await secure.gateway()
        _ = try await self.encrypt(gateway)
        #expect(await gateway.ask("AUTH \(mechanism)")?.prefix(3) == "334")
        #expect(await gateway.ask("*")?.prefix(3) == "501")
        #expect(await gateway.ask("AUTH PLAIN \(Self.plain)")?.prefix(3) == "235")
        #expect(await gateway.codes(from: "a@example.org") == Gateway.delivered)
        gateway.close()
        try await secure.stop()
    }

    /// Law 5: nobody asked for that connection.
    @Test(arguments: ["535 5.7.8 no", "454 4.7.0 later", "421 4.7.0 bye", "334 bW9yZQ=="])
    func anExtraConnectionThatRefusesAUTHIsA421(_ reply: String) async throws {
        let secure = try await self.secure()
        secure.host.behaviour.exceptions = [.at(.auth, 1, connection: 2, .reply(reply))]
        let gateway = try await secure.gateway()
        _ = try await self.encrypt(gateway)
        #expect(await gateway.ask("AUTH PLAIN \(Self.plain)")?.prefix(3) == "235")
        #expect(await gateway.codes(from: "a@example.org") == Gateway.delivered)
        let replies = await gateway.message(from: "b@example.org")
        #expect(replies.count == 1 && replies.first?.prefix(3) == "421", "\(replies)")
        #expect(await gateway.line() == nil)
        #expect(await secure.rig.isQuiet())
        #expect(secure.host.messages.map(\.sender) == ["a@example.org"])
        self.expectNoSecrets(secure)
        try await secure.stop()
    }

    @Test func aRefusedPasswordIsNotSaidAgain() async throws {
        let secure = try await self.secure()
        secure.host.behaviour.exceptions = [.at(.auth, 1, connection: 1, .reply("535 5.7.8 no"))]
        let gateway = try await secure.gateway()
        _ = try await self.encrypt(gateway)
        #expect(await gateway.ask("AUTH PLAIN AGEAd3Jvbmc=")?.prefix(3) == "535")
        #expect(await gateway.ask("AUTH PLAIN \(Self.plain)")?.prefix(3) == "235")
        for number in 1...2 { #expect(await gateway.codes(from: "a\(number)@example.org") == Gateway.delivered) }
        gateway.close()
        #expect(await secure.rig.isQuiet())
        #expect(secure.host.visits.map { $0.credentials.last } == ["AUTH PLAIN \(Self.plain)", "AUTH PLAIN \(Self.plain)"])
        #expect(secure.host.visits.last?.credentials.count == 1)
        self.expectNoSecrets(secure)
        try await secure.stop()
    }

    /// Channel binding cannot hold across a proxy, and the remote sees no certificate of the gateway's.
    @Test(arguments: ["EXTERNAL", "EXTERNAL =", "SCRAM-SHA-256-PLUS", "scram-sha-1-plus \(user)", "external", "DIGEST-MD5"])
    func whatIsNotShownIsRefused(_ mechanism: String) async throws {
        let secure = try await self.secure(.healthy)
        let gateway = try await secure.gateway()
        #expect(try await self.encrypt(gateway).contains(Self.shown))
        #expect(await gateway.ask("AUTH \(mechanism)")?.prefix(3) == "504")
        #expect(secure.host.visits.allSatisfy { $0.credentials.isEmpty && !$0.commands.contains { $0.hasPrefix("AUTH") } })
        #expect(await gateway.ask("AUTH PLAIN \(Self.plain)")?.prefix(3) == "235")
        gateway.close()
        try await secure.stop()
    }

    /// Old TLS, and a certificate that is good: whoever sits in between may have made it old.
    @Test(arguments: ["auth = \"unverified\"", "auth = \"verified\""])
    func passwordsAreNotForOldTLS(_ rule: String) async throws {
        let secure = try await self.secure(.healthy, remote: "tls = \"opportunistic\"\n" + rule, kind: .oldVersion)
        for _ in 1...2 {
            let gateway = try await secure.gateway()
            #expect(try await self.encrypt(gateway).contains(Self.proving))
            #expect(secure.host.visits.last?.handshake?.version == "TLSv1")
            for mechanism in ["PLAIN \(Self.plain)", "LOGIN", "XOAUTH2 \(Self.plain)", "OAUTHBEARER \(Self.plain)"] {
                #expect(await gateway.ask("AUTH \(mechanism)")?.prefix(3) == "504")
            }
            gateway.close()
            #expect(await secure.rig.isQuiet())
        }
        #expect(secure.host.visits.allSatisfy { $0.credentials.isEmpty })
        try await secure.stop()
    }

    /// what old hosts say, and some beside the new.
    @Test(arguments: [
        (["AUTH=LOGIN"], "AUTH LOGIN"), (["AUTH=LOGIN PLAIN"], "AUTH LOGIN PLAIN"), (["AUTH PLAIN LOGIN", "AUTH=PLAIN LOGIN"], "AUTH PLAIN LOGIN"),
        (["AUTH=LOGIN", "AUTH PLAIN"], "AUTH LOGIN PLAIN"),
    ])
    func theOldSyntaxIsRead(_ offers: [String], _ shown: String) async throws {
        let secure = try await self.secure()
        secure.host.behaviour.tls?.keywords = offers
        let gateway = try await secure.gateway()
        #expect(try await self.encrypt(gateway).filter { $0.hasPrefix("AUTH") } == [shown])
        #expect(await gateway.ask("AUTH LOGIN")?.prefix(3) == "334")
        #expect(await gateway.ask(Self.user)?.prefix(3) == "334")
        #expect(await gateway.ask(Self.password)?.prefix(3) == "235")
        for number in 1...2 { #expect(await gateway.codes(from: "a\(number)@example.org") == Gateway.delivered) }
        gateway.close()
        #expect(await secure.rig.isQuiet())
        #expect(secure.host.visits.allSatisfy { $0.credentials == ["AUTH LOGIN", Self.user, Self.password] })
        self.expectNoSecrets(secure)
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
        #expect(await gateway.hello().contains(Self.shown))
        #expect(await gateway.ask("AUTH PLAIN \(Self.plain)")?.prefix(3) == "235")
        #expect(secure.host.visits.allSatisfy { !$0.credentialsInClear })
        gateway.close()
        try await secure.stop()
    }

    /// An address of this machine that is not loopback.
    private static let ownAddress = (try? System.enumerateDevices())?.lazy.compactMap(\.address)
        .first { $0.protocol == .inet && $0.ipAddress?.hasPrefix("127.") == false }?.ipAddress

    @Test(.enabled(if: ownAddress != nil, "needs an address that is not loopback"), arguments: [false, true])
    func elsewhereOnlyWhereTheListenerSaysSo(_ isAllowed: Bool) async throws {
        let address = try #require(Self.ownAddress)
        var behaviour = try SecureRig.behaviour(auth: Self.offered)
        behaviour.needsAuthentication = true
        let secure = try await SecureRig.start(
            behaviour, listener: "allow = [\"\(address)\"]" + (isAllowed ? "\ncleartext-auth = true" : ""), bind: "0.0.0.0:0")
        let gateway = try await SecureGateway(port: secure.rig.port, host: address)
        #expect(await gateway.reply()?.prefix(3) == "220")
        #expect(await gateway.hello().contains(isAllowed ? Self.shown : Self.proving))
        #expect(await gateway.ask("AUTH PLAIN \(Self.plain)")?.prefix(3) == (isAllowed ? "235" : "504"))
        if !isAllowed {
            #expect(secure.host.visits.allSatisfy { $0.credentials.isEmpty })
            #expect(try await gateway.startTLS() != nil)
            #expect(await gateway.hello().contains(Self.shown))
            #expect(await gateway.ask("AUTH PLAIN \(Self.plain)")?.prefix(3) == "235")
        }
        #expect(await gateway.codes(from: "a@example.org") == Gateway.delivered)
        gateway.close()
        try await secure.stop()
    }
}
