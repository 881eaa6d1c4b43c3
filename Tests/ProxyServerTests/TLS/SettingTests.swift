import OddHost
import QuirkKit
import StandardQuirks
import Testing

@testable import ProxyServer

/// The table of docs/tls.md: setting × host → what happens, with the standard catalogue. Each cell a case.
@Suite(.serialized) struct SettingTests {
    enum Setting: String, CaseIterable, Sendable { case off, opportunistic, required, verified, implicit, passthrough }

    enum Outcome: Sendable, Equatable {
        /// Delivered: over TLS of today, over old TLS, in clear text.
        case secure, old, clear
        /// MAIL hears 451 with this enhanced code.
        case refused(String)
        /// There is no greeting but 421.
        case unreachable
        /// The gateway's STARTTLS and all behind it is relayed unread.
        case unread
        /// The gateway's STARTTLS hears this code, and nothing is relayed.
        case noRelay(String)
        /// There is no STARTTLS in it that could go wrong.
        case none

        /// As it stands in docs/tls.md.
        var words: String {
            switch self {
            case .secure: "TLS"
            case .old: "old TLS"
            case .clear: "clear text"
            case .refused(let code): "451 \(code)"
            case .unreachable: "421"
            case .unread: "unread"
            case .noRelay(let code): code
            case .none: ""
            }
        }
    }

    struct Cell: Sendable, CustomTestStringConvertible {
        let setting: Setting
        let kind: SecureRig.Kind
        let outcome: Outcome
        var testDescription: String { "\(self.setting) × \(self.kind) → \(self.outcome)" }
    }

    static func outcome(_ setting: Setting, _ kind: SecureRig.Kind) -> Outcome {
        switch setting {
        case .off: .clear
        case .opportunistic:
            switch kind {
            case .good, .unknownAuthority, .otherName, .expired, .smallKey: .secure
            case .oldVersion: .old
            case .stalls, .garbage, .closes, .resets, .refuses454, .refuses500, .stripped, .injects, .injectsLater: .clear
            }
        case .required:
            switch kind {
            case .good, .unknownAuthority, .otherName, .expired, .smallKey: .secure
            case .stripped: .refused("4.7.4")
            case .oldVersion, .stalls, .garbage, .closes, .resets, .refuses454, .refuses500, .injects, .injectsLater: .refused("4.7.5")
            }
        case .verified:
            switch kind {
            case .good: .secure
            case .stripped: .refused("4.7.4")
            case .unknownAuthority, .otherName, .expired, .smallKey, .oldVersion, .stalls, .garbage, .closes, .resets, .refuses454, .refuses500,
                .injects,
                .injectsLater:
                .refused("4.7.5")
            }
        case .implicit:
            switch kind {
            case .good, .unknownAuthority, .otherName, .expired, .smallKey: .secure
            case .oldVersion, .stalls, .garbage, .closes, .resets, .stripped: .unreachable
            case .refuses454, .refuses500, .injects, .injectsLater: .none
            }
        case .passthrough:
            switch kind {
            case .good, .unknownAuthority, .otherName, .expired, .smallKey, .oldVersion, .stalls, .garbage, .closes, .resets, .injectsLater: .unread
            case .refuses454, .injects: .noRelay("454")
            case .refuses500: .noRelay("500")
            case .stripped: .clear
            }
        }
    }

    static let cells = Setting.allCases.flatMap { setting in
        SecureRig.Kind.allCases.map { Cell(setting: setting, kind: $0, outcome: outcome(setting, $0)) }
    }

    private static func start(_ setting: Setting, _ kind: SecureRig.Kind, _ more: String = "") async throws -> SecureRig {
        var behaviour = try SecureRig.behaviour(kind)
        // What answers on port 465 in clear text stands for a host without TLS.
        behaviour.tls?.isImplicit = setting == .implicit && kind != .stripped
        let names = setting == .verified ? "\nnames = [\"localhost\"]" : ""
        return try await SecureRig.start(behaviour, remote: "tls = \"\(setting)\"\(names)\n\(more)", "[timeouts]\nconnect = \"1s\"")
    }

    @Test(arguments: cells.filter { ![.implicit, .passthrough].contains($0.setting) })
    func withSTARTTLS(_ cell: Cell) async throws {
        let secure = try await Self.start(cell.setting, cell.kind)
        let gateway = try await secure.gateway()
        #expect(await gateway.hello().contains("STARTTLS") == (cell.setting != .off && cell.kind != .stripped))
        await Self.expect(cell.outcome, of: await gateway.message(from: "a@example.org"), at: secure.host)
        // Only `opportunistic` goes down the ladder, and nothing but STARTTLS was said on a connection that was given up.
        if cell.setting != .opportunistic { #expect(secure.host.counts.connections == 1) }
        #expect(secure.host.visits.dropLast().allSatisfy { !$0.commands.contains { $0.hasPrefix("MAIL") } })
        gateway.close()
        #expect(await secure.rig.isQuiet())
        try await secure.stop()
    }

    /// TLS from the first byte, as on port 465.
    @Test(arguments: cells.filter { $0.setting == .implicit && $0.outcome != .none })
    func implicit(_ cell: Cell) async throws {
        let secure = try await Self.start(.implicit, cell.kind)
        let gateway = try await SecureGateway(port: secure.rig.port)
        let greeting = await gateway.reply()
        if cell.outcome == .unreachable {
            #expect(greeting?.prefix(3) == "421")
            #expect(await gateway.line() == nil)
            #expect(secure.host.counts.messages == 0)
            #expect(secure.host.visits.allSatisfy { $0.handshake == nil && !$0.commands.contains { $0.hasPrefix("EHLO") } })
        } else {
            #expect(await gateway.hello().contains("STARTTLS"))
            await Self.expect(cell.outcome, of: await gateway.message(from: "a@example.org"), at: secure.host)
        }
        #expect(secure.host.counts.connections == 1)
        gateway.close()
        #expect(await secure.rig.isQuiet())
        try await secure.stop()
    }

    /// What the gateway makes of it is its own affair: it sees the host's certificate. Without its STARTTLS everything goes in clear text.
    @Test(arguments: cells.filter { $0.setting == .passthrough })
    func passthrough(_ cell: Cell) async throws {
        let secure = try await Self.start(.passthrough, cell.kind)
        let gateway = try await secure.gateway()
        #expect(await gateway.hello().contains("STARTTLS") == (cell.kind != .stripped))
        let reply = await gateway.ask("STARTTLS")
        switch cell.outcome {
        case .unread:
            #expect(reply?.prefix(3) == "220")
            #expect(secure.rig.journal.lines("passthrough").count == 1)
            if Self.outcome(.required, cell.kind) == .secure {
                let facts = try await gateway.shakeHands()
                #expect(try facts?.peer?.fingerprint == cell.kind.certificate.identity().certificate.fingerprint)
                _ = await gateway.hello()
                #expect(await gateway.codes(from: "a@example.org") == Gateway.delivered)
                #expect(secure.host.visits.last?.handshake != nil)
            }
        case .noRelay(let code):
            #expect(reply?.prefix(3) == code[...])
            #expect(secure.rig.journal.lines("passthrough").isEmpty)
        case .secure, .old, .clear, .refused, .unreachable, .none: #expect(reply?.first != "2")
        }
        gateway.close()
        let plain = try await secure.gateway()
        _ = await plain.hello()
        await Self.expect(.clear, of: await plain.message(from: "b@example.org"), at: secure.host)
        plain.close()
        #expect(await secure.rig.isQuiet())
        try await secure.stop()
    }

    /// Without the two quirks that go down the ladder the gateway keeps the mail.
    @Test(arguments: [SecureRig.Kind.oldVersion, .stalls, .garbage, .closes, .resets, .refuses454, .refuses500, .injects, .injectsLater])
    func withoutTheLadder(_ kind: SecureRig.Kind) async throws {
        let secure = try await Self.start(.opportunistic, kind, "ignore = [\"legacy-tls\", \"broken-starttls\"]")
        let gateway = try await secure.gateway()
        #expect(await gateway.hello().contains("STARTTLS"))
        await Self.expect(.refused("4.7.5"), of: await gateway.message(from: "a@example.org"), at: secure.host)
        #expect(secure.host.counts.connections == 1)
        #expect(secure.rig.journal.lines("tls-failed").count == 1)
        gateway.close()
        #expect(await secure.rig.isQuiet())
        try await secure.stop()
    }

    /// `legacy-tls` in a table means "encrypted, with old TLS if need be".
    @Test(arguments: [(Setting.required, Outcome.old), (.implicit, .old), (.verified, .refused("4.7.5"))])
    func oldTLSWhereATableAllowsIt(_ setting: Setting, _ outcome: Outcome) async throws {
        let secure = try await Self.start(setting, .oldVersion, "quirks = [\"legacy-tls\"]")
        let gateway = try await secure.gateway()
        _ = await gateway.hello()
        await Self.expect(outcome, of: await gateway.message(from: "a@example.org"), at: secure.host)
        gateway.close()
        #expect(await secure.rig.isQuiet())
        try await secure.stop()
    }

    private static func expect(_ outcome: Outcome, of replies: [String], at host: OddHost) async {
        let version = host.visits.last?.handshake?.version
        switch outcome {
        case .secure, .old, .clear:
            #expect(replies.last?.prefix(3) == "250", "\(replies)")
            #expect(host.visits.last?.messages == 1)
            #expect(version == (outcome == .clear ? nil : outcome == .old ? "TLSv1" : "TLSv1.3"))
        case .refused(let code):
            #expect(replies.count == 1 && replies.first?.hasPrefix("451 \(code) ") == true, "\(replies)")
            #expect(host.visits.allSatisfy { !$0.commands.contains { $0.hasPrefix("MAIL") } })
        case .unreachable, .unread, .noRelay, .none: Issue.record("not of a message")
        }
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
}
