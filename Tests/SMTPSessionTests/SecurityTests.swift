import NIOCore
import QuirkKit
import SMTPWire
import Testing

@testable import SMTPSession

/// What profiles and failed handshakes do to a session's TLS (law 7).
@Suite struct SecurityTests {
    private static let now = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func opened(_ tls: TLSDemand) -> Session {
        var session = Session(settings: Settings(hostname: "shim.test"), catalogue: [])
        _ = session.receive(.opened(Opening(remote: "192.0.2.1:25", gateway: GatewayTerms(offersTLS: true))), at: Self.now)
        _ = session.receive(.profile(Profile(tls: tls)), at: Self.now)
        return session
    }

    @Test func `the first profile may ask for nothing`() {
        #expect(self.opened(TLSDemand(.off)).remote.profile.tls == TLSDemand(.off))
    }

    @Test func `another address may have another profile, as long as nothing stood`() {
        var session = self.opened(TLSDemand(.required))
        _ = session.receive(.profile(Profile(tls: TLSDemand(.off))), at: Self.now)
        #expect(session.remote.profile.tls == TLSDemand(.off))
    }

    @Test func `once a connection stood nothing becomes laxer`() {
        var session = self.opened(TLSDemand(.required))
        _ = session.receive(.connected(), at: Self.now)
        _ = session.receive(.profile(Profile(tls: TLSDemand(.off))), at: Self.now)
        #expect(session.remote.profile.tls == TLSDemand(.required))
        _ = session.receive(.profile(Profile(tls: TLSDemand(.verified))), at: Self.now)
        #expect(session.remote.profile.tls == TLSDemand(.verified))
    }

    @Test(arguments: [TLSFailure.Kind.handshake, .closed, .stalled])
    func `where the handshake failed STARTTLS is shown and hears 454, and nothing else is`(_ kind: TLSFailure.Kind) {
        var session = self.opened(TLSDemand(.opportunistic))
        _ = session.receive(.connected(), at: Self.now)
        _ = session.receive(.reply(Reply(220, "mx.example.net ESMTP")), at: Self.now)
        _ = session.receive(.command(Command(.ehlo("gateway.test"))), at: Self.now)
        _ = session.receive(.reply(Reply(250, "mx.example.net\nSTARTTLS\nCHUNKING")), at: Self.now)
        #expect(session.receive(.reply(Reply(220, "go")), at: Self.now).contains(.secure(.remote, isLegacy: false)))
        let actions = session.receive(.securingFailed(.remote, TLSFailure(kind, because: "no")), at: Self.now)
        #expect(actions.contains(.send(ByteBuffer(string: "250-mx.example.net\r\n250 STARTTLS\r\n"), to: .gateway)), "\(actions)")
        #expect(
            session.receive(.command(.starttls), at: Self.now).contains { action in
                if case .send(let bytes, .gateway) = action { String(buffer: bytes).hasPrefix("454 4.7.0") } else { false }
            })
    }
}

/// Law 9 bounds what is looked up; law 7 then takes nobody whose rules are not known.
@Suite struct RecipientDomainTests {
    private static let now = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func said(_ text: String, _ session: inout Session) -> [String] {
        var heard: [String] = []
        var actions = session.receive(.command(Command(line: Array("\(text)\r\n".utf8))), at: Self.now)
        while !actions.isEmpty {
            var more: [Action] = []
            for action in actions {
                switch action {
                case .lookUp(.domain): more += session.receive(.profile(Profile(asksForDomains: true)), at: Self.now)
                case .send(_, .remote): more += session.receive(.reply(Reply(250, "ok")), at: Self.now)
                case .send(let bytes, .gateway): heard.append(String(String(buffer: bytes).prefix(9)))
                default: break
                }
            }
            actions = more
        }
        return heard
    }

    @Test func `more recipient domains than are looked up`() {
        var session = Session(settings: Settings(hostname: "shim.test"), catalogue: [])
        _ = session.receive(.opened(Opening(remote: "192.0.2.1:25")), at: Self.now)
        _ = session.receive(.profile(Profile(asksForDomains: true)), at: Self.now)
        _ = session.receive(.connected(), at: Self.now)
        _ = session.receive(.reply(Reply(220, "mx.example.net")), at: Self.now)
        _ = session.receive(.profile(Profile(asksForDomains: true)), at: Self.now)
        #expect(self.said("EHLO gateway.test", &session) == ["250 ok\r\n"])
        #expect(self.said("MAIL FROM:<a@example.org>", &session) == ["250 ok\r\n"])
        for number in 1...Session.domains { #expect(self.said("RCPT TO:<x@d\(number).example>", &session) == ["250 ok\r\n"]) }
        #expect(self.said("RCPT TO:<x@one-more.example>", &session) == ["452 4.5.3"])
        #expect(self.said("RCPT TO:<y@d1.example>", &session) == ["250 ok\r\n"])
        #expect(self.said("RSET", &session) == ["250 ok\r\n"])
        #expect(self.said("MAIL FROM:<b@example.org>", &session) == ["421 4.7.0"])
    }
}
