import OddHost
import Testing

@testable import ProxyServer

/// Who may demand TLS, of whom, and what satisfies it (law 7): the name in a greeting, recipients' domains, and what is relayed unread.
@Suite(.serialized) struct DemandTests {
    // MARK: Whoever greets as another

    /// Its certificate is good, and for the name that it greets with; but nobody but itself says that it is to have that name.
    @Test func aNameInAGreetingProvesNothing() async throws {
        let secure = try await SecureRig.start(
            try SecureRig.greeting("localhost", auth: "AUTH PLAIN LOGIN CRAM-MD5"), remote: "connections = 100", destination: "127.0.0.1",
            """
            [default]
            tls = "opportunistic"
            [host."localhost"]
            tls = "verified"
            names = ["localhost"]
            [domain."bank.example"]
            tls = "verified"
            [domain."*.bank.example"]
            tls = "verified"
            names = ["mx.bank.example"]
            """)
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        #expect(try await gateway.startTLS() != nil)
        #expect(await gateway.hello().contains("AUTH CRAM-MD5"))
        for mechanism in ["PLAIN AGEAc2VjcmV0LXdvcmQ=", "LOGIN"] { #expect(await gateway.ask("AUTH \(mechanism)")?.prefix(3) == "504") }
        for recipient in ["b@bank.example", "b@mail.bank.example"] {
            let replies = await gateway.message(from: "a@example.org", to: recipient)
            #expect(replies.count == 2 && replies.last?.hasPrefix("451 4.7.5 ") == true, "\(replies)")
            #expect(await gateway.ask("RSET")?.prefix(3) == "250")
        }
        // Mail itself is delivered: the certificate is what the table for that name asks for.
        #expect(await gateway.codes(from: "a@example.org") == Gateway.delivered)
        #expect(secure.host.visits.allSatisfy { $0.credentials.isEmpty })
        #expect(secure.host.messages.map(\.recipients) == [["b@example.net"]])
        gateway.close()
        #expect(await secure.rig.isQuiet())
        try await secure.stop()
    }

    /// The table for the name in the greeting asks for more than the certificate shows.
    @Test func aNameInAGreetingIsHeldToItsTable() async throws {
        let secure = try await SecureRig.start(
            try SecureRig.greeting("localhost", .otherName), remote: "connections = 100", destination: "127.0.0.1",
            "[host.\"localhost\"]\ntls = \"verified\"\nnames = [\"localhost\"]")
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        let replies = await gateway.message(from: "a@example.org")
        #expect(replies.count == 1 && replies.first?.hasPrefix("451 4.7.5 ") == true, "\(replies)")
        gateway.close()
        try await secure.stop()
    }

    /// Law 7: the greeting came in clear text.
    @Test(arguments: [
        ("tls = \"required\"", "tls = \"off\"", false), ("tls = \"required\"", "tls = \"passthrough\"", false),
        ("tls = \"off\"", "tls = \"required\"", false), ("tls = \"opportunistic\"", "tls = \"off\"", true),
    ])
    func theNameInAGreetingOnlyMakesStricter(_ sure: String, _ heard: String, _ isDelivered: Bool) async throws {
        let secure = try await SecureRig.start(try SecureRig.behaviour(.stripped), remote: sure, "[host.\"odd.example\"]\n\(heard)")
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        let replies = await gateway.message(from: "a@example.org")
        if isDelivered { #expect(replies.last?.prefix(3) == "250") } else { #expect(replies.first?.hasPrefix("451 4.7.4") == true, "\(replies)") }
        gateway.close()
        try await secure.stop()
    }

    @Test func theNameInAGreetingVerifiesNothing() async throws {
        let secure = try await SecureRig.start(
            try SecureRig.behaviour(.otherName, auth: "AUTH PLAIN"), remote: "tls = \"required\"", destination: "127.0.0.1",
            "[host.\"other.example.test\"]\ntls = \"verified\"\nauth = \"unverified\"")
        var behaviour = secure.host.behaviour
        behaviour.greeting = "220 other.example.test ESMTP"
        secure.host.behaviour = behaviour
        let gateway = try await secure.gateway()
        #expect(await gateway.hello().contains { $0.hasPrefix("AUTH") } == false)
        let replies = await gateway.message(from: "a@example.org")
        #expect(replies.first?.hasPrefix("451 4.7.5") == true && replies.first?.contains("no name is known") == true, "\(replies)")
        #expect(secure.host.visits.first?.handshake?.name == "other.example.test")
        gateway.close()
        try await secure.stop()
    }

    // MARK: What a recipient's domain demands

    @Test func aDomainMayDemandMore() async throws {
        let secure = try await SecureRig.start(
            try SecureRig.behaviour(.unknownAuthority), remote: "tls = \"opportunistic\"", "[domain.\"strict.example\"]\ntls = \"verified\"")
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        #expect(await gateway.ask("MAIL FROM:<a@example.org>")?.prefix(3) == "250")
        #expect(await gateway.ask("RCPT TO:<b@lax.example>")?.prefix(3) == "250")
        #expect(await gateway.ask("RCPT TO:<b@STRICT.example>")?.hasPrefix("451 4.7.5") == true)
        gateway.close()
        try await secure.stop()
    }

    /// The remote would map them to the domain of the table (UTS #46), or might read it into them.
    @Test(arguments: ["ｓtrict.example", "strict。example", "STRICT.example.", "strict.example。", "str\u{200D}ict.example", "strict.example(x)"])
    func anotherSpellingOfADomainEscapesNoDemand(_ domain: String) async throws {
        let secure = try await SecureRig.start(
            try SecureRig.behaviour(.unknownAuthority), remote: "tls = \"opportunistic\"", "[domain.\"strict.example\"]\ntls = \"verified\"")
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        #expect(await gateway.ask("MAIL FROM:<a@example.org>")?.prefix(3) == "250")
        #expect(await gateway.ask("RCPT TO:<b@lax.example>")?.prefix(3) == "250")
        #expect(await gateway.ask("RCPT TO:<b@\(domain)>")?.hasPrefix("451 4.7.5") == true)
        #expect(await gateway.ask("RCPT TO:<b@\(domain)>")?.hasPrefix("451 4.7.5") == true)
        gateway.close()
        try await secure.stop()
    }

    static let bank = "[domain.\"bank.example\"]\ntls = \"verified\"\nnames = [\"localhost\"]"

    @Test(
        arguments: [
            (SecureRig.Kind.good, nil), (.otherName, "4.7.5"), (.unknownAuthority, "4.7.5"), (.expired, "4.7.5"), (.smallKey, "4.7.5"),
            (.oldVersion, "4.7.5"),
            (.garbage, "4.7.5"), (.refuses454, "4.7.5"), (.stripped, "4.7.4"),
        ] as [(SecureRig.Kind, String?)])
    func aDomainsNamesAreLookedFor(_ kind: SecureRig.Kind, _ code: String?) async throws {
        let secure = try await SecureRig.start(
            try SecureRig.behaviour(kind), remote: "connections = 100", destination: "127.0.0.1", Self.bank)
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        #expect(await gateway.ask("MAIL FROM:<a@example.org>")?.prefix(3) == "250")
        #expect(await gateway.ask("RCPT TO:<b@lax.example>")?.prefix(3) == "250")
        let reply = await gateway.ask("RCPT TO:<b@BANK.example>")
        if let code { #expect(reply?.hasPrefix("451 \(code) ") == true, "\(reply ?? "closed")") } else { #expect(reply?.prefix(3) == "250") }
        #expect(await gateway.ask("DATA")?.prefix(3) == "354")
        #expect(await gateway.ask("Subject: x\r\n\r\nx\r\n.")?.prefix(3) == "250")
        #expect(secure.host.messages.map(\.recipients) == [["b@lax.example"] + (code == nil ? ["b@BANK.example"] : [])])
        gateway.close()
        #expect(await secure.rig.isQuiet())
        try await secure.stop()
    }

    /// The first connection has what the domain demands, the extra one has not; wherever in the envelope it becomes necessary.
    @Test(arguments: [Verb.mail, .rcpt, .data], [SecureRig.Kind.good, .otherName, .unknownAuthority, .stripped])
    func aDomainsNamesAreLookedForOnExtraConnectionsToo(_ refused: Verb, _ kind: SecureRig.Kind) async throws {
        var behaviour = try SecureRig.behaviour()
        behaviour.shape = .noReuse(refusing: refused)
        let secure = try await SecureRig.start(behaviour, remote: "connections = 100", destination: "127.0.0.1", Self.bank)
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        #expect(await gateway.codes(from: "a@example.org", to: "b@bank.example") == Gateway.delivered)
        var attacked = try SecureRig.behaviour(kind)
        attacked.shape = behaviour.shape
        secure.host.behaviour = attacked
        let replies = await gateway.message(from: "a2@example.org", to: "b@bank.example")
        if kind == .good {
            #expect(replies.map { $0.prefix(3) } == ["250", "250", "354", "250"], "\(replies)")
        } else {
            #expect(replies.last?.prefix(3) == "451", "\(replies)")
            #expect(secure.host.messages.map(\.sender) == ["a@example.org"])
            #expect(secure.host.visits.dropFirst().allSatisfy { !$0.commands.contains { $0.hasPrefix("RCPT") } })
        }
        gateway.close()
        #expect(await secure.rig.isQuiet())
        try await secure.stop()
    }

    // MARK: What is relayed unread

    /// Nobody can vouch for what is relayed unread, so a table that demands TLS wins.
    @Test(arguments: [
        ("[host.\"localhost\"]\ntls = \"required\"", false), ("[address.\"127.0.0.0/8\"]\ntls = \"required\"", false),
        ("[default]\ntls = \"required\"", false), ("[host.\"localhost\"]\ntls = \"verified\"", false),
        ("[host.\"localhost\"]\ntls = \"opportunistic\"", true), ("", true),
    ])
    func bypassIsNotForWhereTLSIsDemanded(_ table: String, _ isRelayed: Bool) async throws {
        for kind in [SecureRig.Kind.stripped, .good] {
            let secure = try await SecureRig.start(try SecureRig.behaviour(kind), remote: "bypass = true", table)
            let gateway = try await secure.gateway()
            _ = await gateway.hello()
            let replies = await gateway.message(from: "a@example.org")
            #expect(secure.rig.journal.lines("passthrough").count == (isRelayed ? 1 : 0))
            if isRelayed || kind == .good {
                #expect(replies.last?.prefix(3) == "250", "\(replies)")
                #expect((secure.host.visits.first?.handshake == nil) == isRelayed)
            } else {
                #expect(replies.first?.hasPrefix("451 4.7.4 ") == true, "\(replies)")
                #expect(secure.host.counts.messages == 0)
            }
            gateway.close()
            #expect(await secure.rig.isQuiet())
            try await secure.stop()
        }
    }

    @Test func passthroughIsNotForWhereADomainDemandsTLS() async throws {
        let secure = try await SecureRig.start(
            try SecureRig.behaviour(), remote: "tls = \"passthrough\"", "[domain.\"strict.example\"]\ntls = \"required\"")
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        let replies = await gateway.message(from: "a@example.org", to: "b@strict.example")
        #expect(replies.last?.hasPrefix("451 4.7.4 ") == true, "\(replies)")
        gateway.close()
        try await secure.stop()
    }
}
