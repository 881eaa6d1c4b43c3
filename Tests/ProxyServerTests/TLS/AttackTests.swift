import OddHost
import Testing

@testable import ProxyServer

/// Someone in between, or a peer that means no good (docs/quirks.md 5.3).
@Suite(.serialized) struct AttackTests {
    private static let secret = "AGEAc2VjcmV0LXdvcmQ="  // \0a\0secret-word

    /// In clear text, behind the gateway's STARTTLS: in one segment, and split.
    @Test(arguments: [["STARTTLS\r\nMAIL FROM:<evil@example.org>\r\n"], ["START", "TLS\r\nMAIL FROM:<evil@example.org>\r\n"]])
    func whatComesBehindSTARTTLSIsRefused(_ pieces: [String]) async throws {
        let secure = try await SecureRig.start(try SecureRig.behaviour())
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        for piece in pieces {
            gateway.send(piece)
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(await gateway.reply()?.hasPrefix("554 5.5.1") == true)
        #expect(await gateway.line() == nil)
        gateway.close()
        #expect(await secure.rig.isQuiet())
        #expect(secure.host.visits.allSatisfy { !$0.commands.contains { $0.hasPrefix("MAIL") } })
        #expect(secure.rig.journal.lines("gateway-fault").count == 1)
        try await secure.stop()
    }

    /// In clear text, after the 220: no handshake, and never a command.
    @Test func clearTextInPlaceOfTheGatewaysHandshakeIsNotHeard() async throws {
        let secure = try await SecureRig.start(try SecureRig.behaviour())
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        #expect(await gateway.ask("STARTTLS")?.prefix(3) == "220")
        gateway.send("MAIL FROM:<evil@example.org>\r\n")
        while let line = await gateway.line() { #expect(!line.hasPrefix("250")) }
        gateway.close()
        #expect(await secure.rig.isQuiet())
        #expect(secure.host.visits.allSatisfy { !$0.commands.contains { $0.hasPrefix("MAIL") } })
        try await secure.stop()
    }

    @Test func aGatewayThatStallsInItsHandshakeIsLetGo() async throws {
        let secure = try await SecureRig.start(try SecureRig.behaviour(), "[timeouts]\nconnect = \"1s\"")
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        #expect(await gateway.ask("STARTTLS")?.prefix(3) == "220")
        #expect(await gateway.line() == nil)
        gateway.close()
        #expect(await secure.rig.isQuiet())
        try await secure.stop()
    }

    enum GatewayLeg: CaseIterable { case clear, starttls, implicit }

    /// Strips STARTTLS, breaks the handshake, injects: mail goes in clear text under `off` and `opportunistic` only (and under `passthrough`, as the gateway
    /// says it), a password never; with the gateway's leg encrypted too.
    @Test(
        arguments: ["off", "opportunistic", "required", "verified", "passthrough"].flatMap { setting in GatewayLeg.allCases.map { (setting, $0) } },
        [SecureRig.Kind.stripped, .closes, .resets, .garbage, .injects, .injectsLater, .refuses454, .refuses500])
    func noPasswordInClearText(_ rule: (setting: String, leg: GatewayLeg), _ kind: SecureRig.Kind) async throws {
        let (setting, leg) = rule
        var behaviour = try SecureRig.behaviour(kind, auth: "AUTH PLAIN LOGIN")
        behaviour.offers = [Behaviour.keywords + ["AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER CRAM-MD5", "AUTH=LOGIN"]]
        let secure = try await SecureRig.start(
            behaviour, remote: "tls = \"\(setting)\"\nauth = \"unverified\"" + (setting == "verified" ? "\nnames = [\"localhost\"]" : ""),
            listener: leg == .implicit ? "tls = { implicit = true }" : "", "[timeouts]\nconnect = \"2s\"")
        let gateway = try await secure.gateway(implicit: leg == .implicit)
        var shown = await gateway.hello()
        if leg == .starttls, setting != "passthrough" {
            // Nothing is encrypted for a remote that is not: the gateway's policy decides.
            #expect(["454", "502"].contains(await gateway.ask("STARTTLS")?.prefix(3)))
            shown += await gateway.hello()
        }
        #expect(shown.filter { $0.hasPrefix("AUTH") }.allSatisfy { !$0.contains("PLAIN") && !$0.contains("LOGIN") && !$0.contains("OAUTH") })
        for mechanism in ["PLAIN \(Self.secret)", "LOGIN", "XOAUTH2 \(Self.secret)", "OAUTHBEARER \(Self.secret)"] {
            #expect(await gateway.ask("AUTH \(mechanism)")?.first == "5")
        }
        let isDelivered = await gateway.codes(from: "a@example.org").last == "250"
        // Who begins with TLS has asked for it: only a rule that says `off` sends its mail in clear text.
        #expect(isDelivered == (leg == .implicit ? ["off"] : ["off", "opportunistic", "passthrough"]).contains(setting))
        #expect(secure.host.visits.allSatisfy { $0.credentials.isEmpty })
        #expect(secure.host.visits.flatMap(\.transcript).allSatisfy { !$0.contains(Self.secret) })
        gateway.close()
        #expect(await secure.rig.isQuiet())
        #expect(secure.rig.journal.lines.allSatisfy { !$0.text.contains(Self.secret) })
        try await secure.stop()
    }

    /// The first connection was encrypted and verified; then an attacker is there.
    @Test(arguments: [SecureRig.Kind.stripped, .resets, .garbage, .refuses454, .unknownAuthority, .otherName, .expired])
    func anExtraConnectionIsNeverWeaker(_ kind: SecureRig.Kind) async throws {
        var behaviour = try SecureRig.behaviour(auth: "AUTH PLAIN")
        behaviour.shape = .noReuse()
        let secure = try await SecureRig.start(behaviour, remote: "tls = \"opportunistic\"")
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        _ = try await gateway.startTLS()
        _ = await gateway.hello()
        #expect(await gateway.ask("AUTH PLAIN \(Self.secret)")?.prefix(3) == "235")
        #expect(await gateway.codes(from: "a@example.org") == Gateway.delivered)
        var attacked = try SecureRig.behaviour(kind, auth: "AUTH PLAIN")
        attacked.shape = .noReuse()
        secure.host.behaviour = attacked
        let reply = await gateway.message(from: "b@example.org").last ?? ""
        #expect(reply.first == "4", "\(reply)")
        #expect(secure.host.messages.map(\.sender) == ["a@example.org"])
        #expect(secure.host.visits.dropFirst().allSatisfy { $0.credentials.isEmpty })
        gateway.close()
        #expect(await secure.rig.isQuiet())
        try await secure.stop()
    }
}
