import OddHost
import QuirkKit
import StandardQuirks
import Testing

@testable import ProxyServer

/// The table of the README: setting × host → what happens. Each cell a case.
///
/// Without the quirks that go down the ladder (`legacy-tls`, `broken-starttls`), whose cells are theirs.
@Suite(.serialized) struct SettingTests {
    enum Setting: String, CaseIterable, Sendable { case off, opportunistic, required, verified }

    enum Outcome: Sendable, Equatable {
        /// Delivered; over TLS or in clear text.
        case secure, clear
        /// MAIL hears 451 with this enhanced code.
        case refused(String)
    }

    struct Cell: Sendable, CustomTestStringConvertible {
        let setting: Setting
        let kind: SecureRig.Kind
        let outcome: Outcome
        var testDescription: String { "\(self.setting) × \(self.kind) → \(self.outcome)" }
    }

    static func outcome(_ setting: Setting, _ kind: SecureRig.Kind) -> Outcome {
        switch (setting, kind) {
        case (.off, _): .clear
        case (.opportunistic, .stripped): .clear
        case (_, .stripped): .refused("4.7.4")
        case (_, .good), (.opportunistic, .unknownAuthority), (.opportunistic, .otherName), (.opportunistic, .expired), (.opportunistic, .smallKey), (.required, .unknownAuthority),
            (.required, .otherName), (.required, .expired), (.required, .smallKey):
            .secure
        default: .refused("4.7.5")
        }
    }

    static let cells = Setting.allCases.flatMap { setting in SecureRig.Kind.allCases.map { Cell(setting: setting, kind: $0, outcome: outcome(setting, $0)) } }

    @Test(arguments: cells)
    func cell(_ cell: Cell) async throws {
        let secure = try await SecureRig.start(
            try SecureRig.behaviour(cell.kind), remote: "tls = \"\(cell.setting)\"" + (cell.setting == .verified ? "\nnames = [\"localhost\"]" : ""),
            "[timeouts]\nconnect = \"1s\"", catalogue: Self.withoutLadder)
        let gateway = try await secure.gateway()
        let keywords = await gateway.hello()
        #expect(keywords.contains("STARTTLS") == (cell.setting != .off && cell.kind != .stripped))
        let replies = await gateway.message(from: "a@example.org")
        switch cell.outcome {
        case .secure, .clear:
            #expect(replies.last?.prefix(3) == "250")
            #expect(secure.host.counts.messages == 1)
        case .refused(let code):
            #expect(replies.count == 1 && replies.first?.hasPrefix("451 \(code) ") == true, "\(replies)")
            #expect(secure.host.counts.messages == 0)
        }
        #expect((secure.host.visits.last?.handshake != nil) == (cell.outcome == .secure || [.unknownAuthority, .otherName, .expired, .smallKey].contains(cell.kind) && cell.setting != .off))
        // Where TLS failed, nothing more was said on that connection.
        if case .refused("4.7.5") = cell.outcome, secure.host.visits.last?.handshake == nil {
            #expect(secure.host.visits.allSatisfy { !$0.commands.contains { $0.hasPrefix("MAIL") } })
            #expect(secure.rig.journal.lines("tls-failed").count == 1)
        }
        gateway.close()
        #expect(await secure.rig.isQuiet())
        try await secure.stop()
    }

    static let withoutLadder = StandardQuirks.catalogue.filter { !["legacy-tls", "broken-starttls"].contains($0.name) }

    /// The gateway's own policy decides what a 454 means.
    @Test func aRemoteWhoseTLSFailedIsA454ToTheGatewaysSTARTTLS() async throws {
        let secure = try await SecureRig.start(
            try SecureRig.behaviour(.refuses454), remote: "tls = \"opportunistic\"", catalogue: Self.withoutLadder)
        let gateway = try await secure.gateway()
        #expect(await gateway.hello().contains("STARTTLS"))
        #expect(await gateway.ask("STARTTLS")?.hasPrefix("454 4.7.0") == true)
        gateway.close()
        try await secure.stop()
    }

    @Test func offOnTheListenerHidesSTARTTLS() async throws {
        let secure = try await SecureRig.start(try SecureRig.behaviour(), listener: "tls = \"off\"")
        let gateway = try await secure.gateway()
        #expect(await gateway.hello().contains("STARTTLS") == false)
        #expect(await gateway.ask("STARTTLS")?.first == "5")
        #expect(await gateway.codes(from: "a@example.org") == Gateway.delivered)
        gateway.close()
        try await secure.stop()
    }

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
}
