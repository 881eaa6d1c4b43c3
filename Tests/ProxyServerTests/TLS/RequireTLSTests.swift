import OddHost
import Testing

@testable import ProxyServer

/// REQUIRETLS (RFC 8689): shown exactly where it can be kept.
@Suite(.serialized) struct RequireTLSTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var kind = SecureRig.Kind.good
        var remote = "tls = \"opportunistic\""
        var destination = "localhost"
        var isGatewayEncrypted = true
        /// The remote says it over TLS, and in clear text.
        var offers = true
        var offersInClear = false
        var isShown = false
        var testDescription: String {
            "\(self.kind), \(self.remote), \(self.destination), gateway \(self.isGatewayEncrypted), offers \(self.offers), in clear \(self.offersInClear)"
        }
    }

    static let cases = [
        Case(isShown: true),
        Case(remote: "tls = \"verified\"\nnames = [\"localhost\"]", destination: "127.0.0.1", isShown: true),
        Case(isGatewayEncrypted: false),
        Case(offers: false),
        Case(isGatewayEncrypted: false, offersInClear: true),
        Case(destination: "127.0.0.1"),
        Case(kind: .otherName), Case(kind: .unknownAuthority), Case(kind: .expired), Case(kind: .smallKey), Case(kind: .oldVersion),
        Case(kind: .stripped, isGatewayEncrypted: false, offersInClear: true), Case(kind: .garbage, isGatewayEncrypted: false, offersInClear: true),
        Case(remote: "tls = \"off\"", isGatewayEncrypted: false, offersInClear: true),
        Case(remote: "tls = \"passthrough\"", isGatewayEncrypted: false, offersInClear: true),
    ]

    private static func start(_ test: Case, _ shape: Shape = .healthy) async throws -> SecureRig {
        var behaviour = try SecureRig.behaviour(test.kind)
        behaviour.shape = shape
        if test.offers { behaviour.tls?.keywords = ["REQUIRETLS"] }
        if test.offersInClear { behaviour.offers = [Behaviour.keywords + ["REQUIRETLS"]] }
        return try await SecureRig.start(behaviour, remote: test.remote, destination: test.destination)
    }

    @Test(arguments: cases) func shownWhereItCanBeKept(_ test: Case) async throws {
        let secure = try await Self.start(test)
        let gateway = try await secure.gateway()
        #expect(await gateway.hello().contains("REQUIRETLS") == false)
        if test.isGatewayEncrypted {
            #expect(try await gateway.startTLS() != nil)
            #expect(await gateway.hello().contains("REQUIRETLS") == test.isShown)
        }
        gateway.close()
        #expect(await secure.rig.isQuiet())
        try await secure.stop()
    }

    @Test func onAListenerWithImplicitTLS() async throws {
        var behaviour = try SecureRig.behaviour()
        behaviour.tls?.keywords = ["REQUIRETLS"]
        let secure = try await SecureRig.start(behaviour, listener: "tls = { implicit = true }")
        let gateway = try await secure.gateway(implicit: true)
        #expect(await gateway.hello().contains("REQUIRETLS"))
        gateway.close()
        try await secure.stop()
    }

    private static func send(_ gateway: SecureGateway, from sender: String) async -> [String] {
        var replies: [String] = []
        for line in ["MAIL FROM:<\(sender)> REQUIRETLS", "RCPT TO:<b@example.net>", "DATA", "Subject: x\r\n\r\nx\r\n."] {
            guard let reply = await gateway.ask(line) else { return replies + ["closed"] }
            replies.append(reply)
            guard reply.first == "2" || reply.first == "3" else { return replies }
        }
        return replies
    }

    private static func encrypted(_ secure: SecureRig) async throws -> SecureGateway {
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        #expect(try await gateway.startTLS() != nil)
        #expect(await gateway.hello().contains("REQUIRETLS"))
        return gateway
    }

    @Test(arguments: [Shape.healthy, .noReuse(), .stickySender(), .noReuse(refusing: .rcpt), .noReuse(refusing: .data), .silence(after: 1)])
    func itGoesWithEachMessage(_ shape: Shape) async throws {
        let secure = try await Self.start(Case(), shape)
        let gateway = try await Self.encrypted(secure)
        for number in 1...3 {
            #expect(await Self.send(gateway, from: "a\(number)@example.org").map { $0.prefix(3) } == ["250", "250", "354", "250"])
        }
        gateway.close()
        #expect(await secure.rig.isQuiet())
        #expect(secure.host.messages.map(\.sender) == (1...3).map { "a\($0)@example.org" })
        #expect(secure.host.messages.allSatisfy { $0.parameters == ["REQUIRETLS"] })
        #expect(secure.host.visits.allSatisfy { $0.handshake != nil })
        try await secure.stop()
    }

    /// An extra connection that is not verified, or does not offer it: the gateway keeps the mail.
    @Test(arguments: [SecureRig.Kind.good, .otherName, .unknownAuthority, .expired, .stripped, .resets], [Verb.mail, .rcpt, .data])
    func anExtraConnectionKeepsItOrNothing(_ kind: SecureRig.Kind, _ refused: Verb) async throws {
        let secure = try await Self.start(Case(), .noReuse(refusing: refused))
        let gateway = try await Self.encrypted(secure)
        #expect(await Self.send(gateway, from: "a@example.org").last?.prefix(3) == "250")
        var other = try SecureRig.behaviour(kind)
        other.shape = .noReuse(refusing: refused)
        if kind != .good { other.tls?.keywords = ["REQUIRETLS"] }
        if kind == .stripped { other.offers = [Behaviour.keywords + ["REQUIRETLS"]] }
        secure.host.behaviour = other
        let replies = await Self.send(gateway, from: "b@example.org")
        #expect(replies.last?.first == "4", "\(replies)")
        #expect(secure.host.messages.map(\.sender) == ["a@example.org"])
        gateway.close()
        #expect(await secure.rig.isQuiet())
        #expect(secure.host.visits.dropFirst().allSatisfy { !$0.commands.contains { $0.hasPrefix("MAIL") } })
        try await secure.stop()
    }
}
