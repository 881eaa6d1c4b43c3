import NIOCore
import QuirkKit
import SMTPWire
import StandardQuirks
import Testing

@testable import SMTPSession

/// How far down the ladder of TLS a session begins, by what is known of the remote. The steps themselves: Plugins/LegacyTLS, Plugins/BrokenSTARTTLS.
@Suite struct LadderTests {
    private static let now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private static let (legacy, broken) = ("legacy-tls", "broken-starttls")

    enum Beginning: Hashable { case modern, legacy, clear, asks(String) }

    struct Case: CustomTestStringConvertible {
        let level: TLSDemand.Level
        let known: [Layer]
        let beginning: Beginning
        var testDescription: String { "\(self.level), \(self.known.map { "\($0.origin) \($0.setting.name)" }) → \(self.beginning)" }
    }

    private static func known(_ name: String, isDue: Bool = false, isConfigured: Bool = false) -> Layer {
        Layer(QuirkSetting(name), isConfigured ? .rule : .learned, isDueForProbe: isDue)
    }

    static let cases = [
        Case(level: .opportunistic, known: [], beginning: .modern),
        Case(level: .opportunistic, known: [known(legacy)], beginning: .legacy),
        Case(level: .opportunistic, known: [known(broken)], beginning: .clear),
        // The lowest step counts, in whatever order they are known.
        Case(level: .opportunistic, known: [known(legacy), known(broken)], beginning: .clear),
        Case(level: .opportunistic, known: [known(broken), known(legacy, isConfigured: true)], beginning: .clear),
        // What was learned never weakens a demand; what is configured may, as far as old TLS.
        Case(level: .required, known: [known(legacy), known(broken)], beginning: .modern),
        Case(level: .required, known: [known(legacy, isConfigured: true), known(broken, isConfigured: true)], beginning: .legacy),
        Case(level: .opportunistic, known: [known(broken, isDue: true)], beginning: .asks(broken)),
        Case(level: .opportunistic, known: [known(legacy, isDue: true), known(broken, isDue: true)], beginning: .asks(broken)),
        Case(level: .opportunistic, known: [known(legacy, isDue: true), known(broken)], beginning: .clear),
    ]

    @Test(arguments: cases) func `where it begins`(_ test: Case) {
        var session = Self.opened(test.level, test.known)
        #expect(Self.beginning(&session, session.greeted()) == test.beginning)
    }

    /// A probe does without one quirk; what else is known of the host holds.
    @Test(arguments: [([], Beginning.modern), ([legacy], .legacy)]) func `a probe of clear text begins with the TLS that is known`(
        _ besides: [String], _ beginning: Beginning
    ) {
        var session = Self.opened(.opportunistic, [Self.known(Self.broken, isDue: true)] + besides.map { Self.known($0) })
        #expect(session.greeted().contains(.note(.asksProbe(quirk: Self.broken))))
        #expect(Self.beginning(&session, session.receive(.probe(granted: true), at: Self.now)) == beginning)
        // TLS stands: one clean connection.
        let actions = session.receive(.secured(.remote, Security(version: "TLSv1", cipher: "AES")), at: Self.now)
        #expect(actions.contains(.note(.clean(quirk: Self.broken))))
        #expect(!actions.contains(.note(.clean(quirk: Self.legacy))))
    }

    @Test func `a probe that is not granted changes nothing`() {
        var session = Self.opened(.opportunistic, [Self.known(Self.broken, isDue: true)])
        _ = session.greeted()
        #expect(Self.beginning(&session, session.receive(.probe(granted: false), at: Self.now)) == .clear)
    }

    /// The finding is what it was, and the session goes on in clear text.
    @Test func `a probe that fails costs a connection, no message`() {
        var session = Self.opened(.opportunistic, [Self.known(Self.broken, isDue: true), Self.known(Self.legacy)])
        _ = session.greeted()
        _ = session.receive(.probe(granted: true), at: Self.now)
        _ = session.receive(.reply(Reply(220, "go")), at: Self.now)
        #expect(session.receive(.securingFailed(.remote, TLSFailure(.handshake, because: "no")), at: Self.now).contains(.connect(isExtra: true)))
        _ = session.receive(.connected(), at: Self.now)
        _ = session.receive(.reply(Reply(220, "mx.example.net ESMTP")), at: Self.now)
        let actions = session.receive(.reply(Reply(250, "mx.example.net\nSTARTTLS")), at: Self.now)
        let found = actions.compactMap { if case .note(.found(let finding)) = $0 { finding.quirk.name } else { nil } }
        #expect(found == [Self.broken])
        #expect(
            session.receive(.command(Command(line: Array("MAIL FROM:<a@example.org>\r\n".utf8))), at: Self.now).contains { action in
                if case .send(let bytes, .remote) = action { String(buffer: bytes) == "MAIL FROM:<a@example.org>\r\n" } else { false }
            })
    }

    private static func opened(_ level: TLSDemand.Level, _ known: [Layer]) -> Session {
        var session = Session(settings: Settings(hostname: "shim.test"), catalogue: StandardQuirks.catalogue)
        _ = session.receive(.opened(Opening(remote: "192.0.2.1:25", gateway: GatewayTerms(offersTLS: true))), at: Self.now)
        _ = session.receive(.profile(Profile(layers: known, tls: TLSDemand(level))), at: Self.now)
        return session
    }

    /// As the remote sees it: with STARTTLS, and what is then allowed, or without.
    private static func beginning(_ session: inout Session, _ actions: [Action]) -> Beginning? {
        for action in actions { if case .note(.asksProbe(let quirk)) = action { return .asks(quirk) } }
        let startsTLS = actions.contains { if case .send(let bytes, .remote) = $0 { String(buffer: bytes) == "STARTTLS\r\n" } else { false } }
        guard startsTLS else { return .clear }
        for case .secure(.remote, let isLegacy) in session.receive(.reply(Reply(220, "go")), at: Self.now) { return isLegacy ? .legacy : .modern }
        return nil
    }
}

extension Session {
    /// Up to the remote's EHLO reply, with STARTTLS in it.
    fileprivate mutating func greeted() -> [Action] {
        let now = NIODeadline.uptimeNanoseconds(1_000_000_000)
        _ = self.receive(.connected(), at: now)
        _ = self.receive(.reply(Reply(220, "mx.example.net ESMTP")), at: now)
        _ = self.receive(.profile(self.remote.profile), at: now)
        _ = self.receive(.command(Command(.ehlo("gateway.test"))), at: now)
        return self.receive(.reply(Reply(250, "mx.example.net\nSTARTTLS")), at: now)
    }
}
