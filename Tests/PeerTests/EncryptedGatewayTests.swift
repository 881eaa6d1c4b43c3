import OddHost
import Testing

extension Peers {
    /// Real TLS clients (Exim's is GnuTLS, Postfix's OpenSSL) that demand TLS of Mailshim, in front of hosts with TLS: the founding case encrypted.
    @Suite(.enabled(if: Shim.obstacle == nil, Shim.reason)) struct EncryptedGateways {
        /// A rule for the host, and its name in the report.
        enum Rule: String, CaseIterable {
            case opportunistic, verified

            var table: String {
                switch self {
                case .opportunistic: "[default]\ntls = \"opportunistic\""
                case .verified: "[address.\"127.0.0.1\"]\ntls = \"verified\"\nnames = [\"\(Certificates.name)\"]"
                }
            }
        }

        static let gateways: [Gateway] = [.exim, .postfix]

        static let hosts = [
            ThroughMailshim.Odd("healthy", .healthy),
            ThroughMailshim.Odd("A: 503 until RSET", .stickySender()),
            ThroughMailshim.Odd("B: 503 whatever RSET says", .noReuse()),
            ThroughMailshim.Odd("D: 421 after 5", .limit(5)),
            ThroughMailshim.Odd("E: closes after the data", .silence(after: 1)),
        ]

        @Test(arguments: gateways, hosts)
        func everyLetterArrivesOverTLS(_ gateway: Gateway, _ odd: ThroughMailshim.Odd) async throws {
            for rule in Rule.allCases {
                var behaviour = odd.behaviour
                behaviour.tls = HostTLS(try Certificates.good.server())
                let host = try await OddHost.start(behaviour)
                let shim = try await Shim(to: "127.0.0.1:\(host.port)", extra: rule.table, authorities: Certificates.authority.certificate)
                let letters = Letter.make(40)
                let outcome = try await gateway.send(letters, port: shim.port, security: .required)
                print(
                    "\(gateway), TLS required, \(odd.name), \(rule.rawValue), through Mailshim: \(EncryptedVisits(host, shim)), \(outcome.summary)"
                )
                try await Self.judge(letters, outcome, gateway, host, shim)
                #expect(shim.log.contains(rule == .verified ? "verified=yes" : "verified=\"no name is known"), shim.tail)
                #expect(await shim.stop(), shim.tail)
                await host.shutdown()
            }
        }

        /// Port 465: TLS from the first byte on both legs.
        @Test(arguments: gateways)
        func everyLetterArrivesOverImplicitTLS(_ gateway: Gateway) async throws {
            var behaviour = Behaviour(.noReuse())
            behaviour.tls = HostTLS(try Certificates.good.server())
            behaviour.tls?.isImplicit = true
            let host = try await OddHost.start(behaviour)
            let shim = try await Shim(
                to: "127.0.0.1:\(host.port)", listener: "tls = { implicit = true }", extra: "[address.\"127.0.0.1\"]\ntls = \"implicit\"",
                authorities: Certificates.authority.certificate)
            let letters = Letter.make(40)
            let outcome = try await gateway.send(letters, port: shim.port, security: .implicit)
            print("\(gateway), implicit TLS on both legs, B, through Mailshim: \(EncryptedVisits(host, shim)), \(outcome.summary)")
            try await Self.judge(letters, outcome, gateway, host, shim)
            #expect(!host.visits.flatMap(\.commands).contains { $0.hasPrefix("STARTTLS") })
            #expect(await shim.stop(), shim.tail)
            await host.shutdown()
        }

        /// A host that wants a password and takes one message per connection: it is said again on each connection that Mailshim makes.
        @Test(arguments: gateways)
        func everyLetterArrivesBehindAPassword(_ gateway: Gateway) async throws {
            var behaviour = Behaviour(.noReuse())
            behaviour.tls = HostTLS(try Certificates.good.server())
            behaviour.tls?.keywords = ["AUTH PLAIN LOGIN"]
            behaviour.needsAuthentication = true
            let host = try await OddHost.start(behaviour)
            let shim = try await Shim(to: "127.0.0.1:\(host.port)", extra: Rule.verified.table, authorities: Certificates.authority.certificate)
            let letters = Letter.make(40)
            let outcome = try await gateway.send(
                letters, port: shim.port, security: .required, password: Gateway.Password(user: "user", secret: "secret-word"))
            print("\(gateway), TLS and AUTH, B, verified, through Mailshim: \(EncryptedVisits(host, shim)), \(outcome.summary)")
            try await Self.judge(letters, outcome, gateway, host, shim)
            // "\0user\0secret-word"
            let exchange = "AUTH PLAIN AHVzZXIAc2VjcmV0LXdvcmQ="
            #expect(host.visits.allSatisfy { $0.credentials == [exchange] && !$0.credentialsInClear }, shim.tail)
            for secret in ["secret-word", "AHVzZXIAc2VjcmV0LXdvcmQ=", "c2VjcmV0LXdvcmQ="] { #expect(!shim.log.contains(secret)) }
            #expect(await shim.stop(), shim.tail)
            await host.shutdown()
        }

        /// What holds of every run.
        private static func judge(_ letters: [Letter], _ outcome: Gateway.Outcome, _ gateway: Gateway, _ host: OddHost, _ shim: Shim) async throws {
            let visits = EncryptedVisits(host, shim)
            #expect(outcome.bounced == 0 && outcome.deferred == 0 && outcome.left == 0, shim.tail)
            #expect(faults(of: letters, arrivedAs: host.messages) == [], shim.tail)
            #expect(host.misattributed == [], shim.tail)
            #expect(host.visits.flatMap(\.complaints) == [])
            #expect(gateway.lettersSentOverTLS(in: outcome.log) == letters.count, "\(outcome.log.suffix(3000))")
            #expect(!outcome.log.contains("TLS error"), "\(outcome.log.suffix(3000))")
            #expect(visits.inClear == 0, shim.tail)
            #expect(visits.extra == visits.extraResumed, shim.tail)
            #expect(visits.messages.allSatisfy { $0.contains(" tls=TLSv1.3 ") }, shim.tail)
        }
    }
}
