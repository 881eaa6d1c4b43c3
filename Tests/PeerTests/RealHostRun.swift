import Testing

extension Peers.RealHosts {
    /// Letters from a gateway with TLS, through Mailshim, to a real host; and what is known of it afterwards.
    struct Run: CustomStringConvertible {
        let letters: [Letter]
        let gateway: Gateway
        let outcome: Gateway.Outcome
        let arrivals: [Arrival]
        let shimLog: String
        let hostLog: String

        /// - Parameters:
        ///   - rule: what the config says of the host.
        ///   - host: more of the host's own configuration.
        init(
            _ kind: RealHost.Kind, _ gateway: Gateway, letters count: Int, rule: String, host settings: String = "",
            identity: Certificates.Pair = Certificates.good, security: Gateway.Security = .required
        ) async throws {
            let host = try await RealHost(kind, identity, extra: settings)
            let shim = try await Shim(
                to: "127.0.0.1:\(host.port)", extra: "[address.\"127.0.0.1\"]\n\(rule)", authorities: Certificates.authority.certificate)
            self.letters = Letter.make(count)
            self.gateway = gateway
            self.outcome = try await gateway.send(self.letters, port: shim.port, security: security)
            let sent = self.letters.count - self.outcome.left
            if sent > 0 { _ = await host.delivered(self.letters.map(\.recipients.count).reduce(0, +)) }
            self.arrivals = host.arrivals
            #expect(await shim.stop(), shim.tail)
            self.shimLog = shim.log
            self.hostLog = host.log
            await host.stop()
        }

        var description: String {
            "\(self.arrivals.count) copies of \(Set(self.arrivals.map(\.sender)).count) letters arrived on \(self.connections) connections, \(self.outcome.summary)"
        }

        /// Each letter arrived once, whole, over this version of TLS on the host's leg, and the gateway saw TLS and success.
        func judge(version: String) {
            #expect(self.outcome.bounced == 0 && self.outcome.deferred == 0 && self.outcome.left == 0, self.tail)
            #expect(faults(of: self.letters, delivered: self.arrivals) == [], self.tail)
            #expect(self.gateway.lettersSentOverTLS(in: self.outcome.log) == self.letters.count, "\(self.outcome.log.suffix(3000))")
            let messages = self.lines("message")
            #expect(messages.count == self.letters.count && messages.allSatisfy { $0.contains(" tls=\(version) ") }, self.tail)
        }

        /// Connections to the host that got as far as TLS.
        var connections: Int { self.lines("tls").count { $0.contains(" side=remote ") } }

        func lines(_ event: String) -> [Substring] { self.shimLog.split(separator: "\n").filter { $0.contains(" event=\(event) ") } }

        /// The logs' last lines, for failures.
        var tail: Comment {
            Comment(
                rawValue: (self.shimLog.split(separator: "\n").suffix(25) + self.hostLog.split(separator: "\n").suffix(25)).joined(separator: "\n"))
        }
    }
}
