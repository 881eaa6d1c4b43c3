import OddHost
import StandardQuirks
import Testing

@testable import ProxyServer

/// `legacy-tls` and `broken-starttls` through sockets: what opportunistic TLS makes of each kind of host, also in the next session.
@Suite(.serialized) struct StandardLadderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let kind: SecureRig.Kind
        var ignored: [String] = []
        /// The version that the message went over; nil: in clear text.
        var version: String?
        let connections: Int
        /// Connections of the session after.
        let next: Int
        var testDescription: String { "\(self.kind), ignored: \(self.ignored)" }
    }

    static let cases = [
        Case(kind: .good, version: "TLSv1.3", connections: 1, next: 1),
        Case(kind: .oldVersion, version: "TLSv1", connections: 2, next: 2),
        Case(kind: .stalls, connections: 2, next: 2),
        Case(kind: .garbage, connections: 3, next: 3),
        Case(kind: .closes, connections: 3, next: 3),
        Case(kind: .resets, connections: 3, next: 3),
        Case(kind: .refuses454, connections: 2, next: 2),
        Case(kind: .refuses500, connections: 2, next: 2),
        Case(kind: .injects, connections: 3, next: 3),
        Case(kind: .stripped, connections: 1, next: 1),
        Case(kind: .oldVersion, ignored: ["legacy-tls"], connections: 2, next: 2),
        Case(kind: .closes, ignored: ["legacy-tls"], connections: 2, next: 2),
        Case(kind: .oldVersion, ignored: ["broken-starttls"], version: "TLSv1", connections: 2, next: 2),
    ]

    @Test(arguments: cases) func itIsDelivered(_ test: Case) async throws {
        let secure = try await Self.start(test.kind, ignored: test.ignored)
        try await Self.deliver(through: secure)
        #expect(secure.host.counts.connections == test.connections)
        #expect(secure.host.visits.last?.handshake?.version == test.version)
        // On a connection that was given up nothing but the handshake was said.
        for visit in secure.host.visits.dropLast() { #expect(!visit.commands.contains { $0.hasPrefix("MAIL") }) }
        // One session is no proof: whoever can disturb it could weaken all that follow.
        #expect(secure.rig.journal.lines("quirk-learned") == [])

        try await Self.deliver(through: secure)
        #expect(secure.host.counts.connections == test.connections + test.next)
        #expect(secure.host.visits.last?.handshake?.version == test.version)
        #expect(secure.host.counts.messages == 2)
        try await secure.stop()
    }

    /// With old TLS allowed, a connection is what was negotiated on it.
    @Test(arguments: [(.good, "TLSv1.2", nil), (.smallKey, "TLSv1.2", nil), (.oldVersion, "TLSv1", "TLSv1")] as [(SecureRig.Kind, String, String?)])
    func itIsJudgedByWhatItHas(_ kind: SecureRig.Kind, _ version: String, _ weakness: String?) async throws {
        let secure = try await SecureRig.start(try SecureRig.behaviour(kind), remote: "quirks = [\"legacy-tls\"]")
        try await Self.deliver(through: secure)
        #expect(secure.host.visits.map { $0.handshake?.version } == [version])
        let line = secure.rig.journal.lines("tls").first { $0.fields.contains { $0.name == "side" && $0.value == .text("remote") } }
        #expect(line?.fields.first { $0.name == "weakness" }?.value == weakness.map { .text($0) })
        try await secure.stop()
    }

    /// Where a step is ignored, and the rule lets nothing else take its place, the gateway keeps the mail.
    @Test(
        arguments: [
            (.oldVersion, "opportunistic", ["legacy-tls", "broken-starttls"]), (.garbage, "opportunistic", ["broken-starttls"]),
            (.refuses454, "opportunistic", ["broken-starttls"]), (.oldVersion, "required", []), (.refuses500, "required", []),
            (.stalls, "verified", []),
        ] as [(SecureRig.Kind, String, [String])])
    func itIsKept(_ kind: SecureRig.Kind, _ setting: String, _ ignored: [String]) async throws {
        let secure = try await Self.start(kind, setting, ignored: ignored)
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        let replies = await gateway.message(from: "a@example.org")
        #expect(replies.count == 1 && replies.first?.hasPrefix("451 4.7.5 ") == true, "\(replies)")
        #expect(secure.host.counts.messages == 0)
        #expect(secure.rig.journal.lines("quirk-learned") == [])
        gateway.close()
        try await secure.stop()
    }

    private static func start(_ kind: SecureRig.Kind, _ setting: String = "opportunistic", ignored: [String]) async throws -> SecureRig {
        var lines = ["tls = \"\(setting)\""]
        if setting == "verified" { lines.append("names = [\"localhost\"]") }
        if !ignored.isEmpty { lines.append("ignore = \(ignored)") }
        return try await SecureRig.start(try SecureRig.behaviour(kind), remote: lines.joined(separator: "\n"), "[timeouts]\nconnect = \"1s\"")
    }

    private static func deliver(through secure: SecureRig) async throws {
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        #expect(await gateway.codes(from: "a@example.org") == Gateway.delivered)
        gateway.close()
        #expect(await secure.rig.isQuiet())
    }
}
