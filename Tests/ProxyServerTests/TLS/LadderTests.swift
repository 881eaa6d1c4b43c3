import OddHost
import QuirkKit
import SMTPWire
import Testing

@testable import ProxyServer

/// The ladder of opportunistic TLS through sockets, with a quirk that always goes on.
@Suite(.serialized) struct LadderTests {
    struct Down: Quirk {
        let description = QuirkDescription(
            name: "down", repairs: "goes down the ladder", detection: "TLS fails",
            options: [OptionDescription("clear", .boolean, standard: .boolean(false), meaning: "whether there is no TLS")], evidence: ["a test"],
            stage: .connect)

        func workarounds(_ options: Options) -> Workarounds { Workarounds { $0.tls = options["clear"] == .boolean(false) ? .legacy : .clear } }

        let watches = Watches([.tlsFailed], at: [.tls])

        func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis? {
            guard case .tlsFailed(let failure) = seen.answer else { return nil }
            let isOld = facts.workarounds.tls == .modern && failure.kind == .handshake
            return Diagnosis(["clear": .boolean(!isOld)], retry: .onNewConnection, counts: nil, because: isOld ? "old" : "broken")
        }
    }

    @Test(
        arguments: ["opportunistic", "required"],
        [SecureRig.Kind.oldVersion, .stalls, .garbage, .closes, .resets, .refuses454, .refuses500, .injects])
    func eachStepIsANewConnectionAndOnlyOpportunisticGoesDown(_ setting: String, _ kind: SecureRig.Kind) async throws {
        let secure = try await SecureRig.start(
            try SecureRig.behaviour(kind), remote: "tls = \"\(setting)\"", "[timeouts]\nconnect = \"1s\"", catalogue: [Down()])
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        let replies = await gateway.message(from: "a@example.org")
        let handshake = secure.host.visits.last?.handshake
        if setting == "required" {
            #expect(replies.first?.hasPrefix("451 4.7.5") == true, "\(replies)")
            #expect(secure.host.counts.connections == 1)
        } else {
            #expect(replies.last?.prefix(3) == "250", "\(replies)")
            #expect(secure.host.counts.connections > 1)
            #expect(handshake?.version == (kind == .oldVersion ? "TLSv1" : nil))
            // On the connection that was given up nothing but the handshake was said.
            for visit in secure.host.visits.dropLast() { #expect(!visit.commands.contains { $0.hasPrefix("MAIL") }) }
            #expect(secure.rig.journal.lines("repair").count >= 1)
        }
        gateway.close()
        #expect(await secure.rig.isQuiet())
        try await secure.stop()
    }

    @Test func whatIsKnownIsNotTriedFirst() async throws {
        let host = try await OddHost.start(try SecureRig.behaviour(.stalls))
        let session = try Rig.parse(
            "[[listener]]\nbind = \"127.0.0.1:0\"\ndestination = \"127.0.0.1:\(host.port)\"\n[default]\ntls = \"opportunistic\"\nquirks = [\"broken-starttls\"]"
        )
        let rig = Rig(session, descriptor: 2)
        #expect(await rig.journal.first("listening") != nil)
        for _ in 0..<4_000 where await rig.proxy.listening.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        let gateway = try await rig.greetedGateway()
        #expect(await gateway.message(from: "a@example.org") == Gateway.delivered)
        #expect(host.counts.connections == 1)
        #expect(host.visits.first?.commands.contains("STARTTLS") == false)
        gateway.endOutput()
        try await rig.stop()
        await host.shutdown()
    }

    /// The first connection went well; the extra one does not go down.
    @Test func extraConnectionsNeverGoDown() async throws {
        var behaviour = try SecureRig.behaviour()
        behaviour.shape = .noReuse()
        let secure = try await SecureRig.start(behaviour, remote: "tls = \"opportunistic\"", catalogue: [Down()] + SettingTests.withoutLadder)
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        #expect(await gateway.codes(from: "a@example.org") == Gateway.delivered)
        secure.host.behaviour.tls?.manner = .resets
        let replies = await gateway.message(from: "b@example.org")
        #expect(replies.last?.first == "4", "\(replies)")
        #expect(secure.host.counts.messages == 1)
        gateway.close()
        try await secure.stop()
    }
}
