import OddHost
import Testing

extension Peers {
    /// The column "without Mailshim": the founding case is real, and this harness shows it.
    @Suite(.enabled(if: obstacle == nil, reason)) struct WithoutMailshim {
        @Test(arguments: Gateway.allCases)
        func aHealthyHostGetsEverything(_ gateway: Gateway) async throws {
            let host = try await OddHost.start()
            let letters = Letter.make(40)
            let outcome = try await gateway.send(letters, port: host.port)
            print(
                "\(gateway), healthy host, direct: \(host.counts.messages) messages on \(host.counts.connections) connections in \(outcome.seconds) s"
            )
            #expect(outcome.bounced == 0 && outcome.deferred == 0 && outcome.left == 0)
            #expect(faults(of: letters, arrivedAs: host.messages) == [])
            #expect(host.visits.flatMap(\.complaints) == [])
            #expect(host.counts.connections < letters.count, "connections are used again")
            await host.shutdown()
        }

        @Test(arguments: Gateway.allCases)
        func aHostThatTakesOneMessagePerConnectionGetsFew(_ gateway: Gateway) async throws {
            let host = try await OddHost.start(Behaviour(.noReuse()))
            let letters = Letter.make(40)
            let outcome = try await gateway.send(letters, port: host.port)
            print(
                "\(gateway), one message per connection, direct: \(host.counts.messages) arrived, \(outcome.bounced) bounced, \(outcome.deferred) deferred, \(outcome.left) left"
            )
            #expect(outcome.bounced > 0)
            #expect(host.counts.messages < 40)
            await host.shutdown()
        }
    }
}
