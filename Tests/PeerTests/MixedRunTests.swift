import OddHost
import Testing

extension Peers {
    /// One odd host among healthy ones: law 6, with real gateways.
    @Suite(.enabled(if: obstacle == nil, reason)) struct MixedRun {
        /// Healthy hosts and one that takes one message per connection, at addresses of their own and one port.
        private struct Town {
            let hosts: [OddHost]
            let port: Int
            var healthy: ArraySlice<OddHost> { self.hosts.dropLast() }

            static func open(_ count: Int) async throws -> Town {
                for _ in 1...10 {
                    let port = try Ports.free()
                    var hosts: [OddHost] = []
                    do {
                        for index in 1...count {
                            hosts.append(
                                try await OddHost.start(Behaviour(index == count ? .noReuse() : .healthy), on: "127.0.7.\(index)", port: port))
                        }
                        return Town(hosts: hosts, port: port)
                    } catch {
                        for host in hosts { await host.shutdown() }
                    }
                }
                throw Gateway.Failure(description: "no port is free on all of 127.0.7.1 to 127.0.7.\(count)")
            }

            func close() async { for host in self.hosts { await host.shutdown() } }
        }

        private static let count = 20
        private static let domains = (1...count).map { "d\($0).test" }

        /// The connections that the healthy hosts saw, and what went wrong.
        private func run(_ gateway: Gateway, through: Bool) async throws -> (
            connections: [Int], arrived: Int, outcome: Gateway.Outcome, faults: [String], log: String
        ) {
            let town = try await Town.open(Self.count)
            let letters = Letter.make(Self.count * 8, domains: Self.domains, largeEach: 1000)
            var shim: Shim?
            if through {
                shim = try await Shim(
                    listeners: (1...Self.count).map { ("127.0.8.\($0)", town.port, "127.0.7.\($0):\(town.port)") })
            }
            let routes = Dictionary(uniqueKeysWithValues: (1...Self.count).map { ("d\($0).test", "127.0.\(through ? 8 : 7).\($0)") })
            let outcome = try await gateway.send(letters, to: routes, port: town.port, concurrency: 1)
            let log = shim?.log ?? ""
            await shim?.stop()
            let result = (
                town.healthy.map(\.counts.connections), town.hosts.map(\.counts.messages).reduce(0, +), outcome,
                faults(of: letters, arrivedAs: town.hosts.flatMap(\.messages)), log
            )
            await town.close()
            return result
        }

        @Test(.enabled(if: Shim.obstacle == nil, Shim.reason), arguments: Gateway.allCases)
        func healthyHostsNoticeNothing(_ gateway: Gateway) async throws {
            let direct = try await self.run(gateway, through: false)
            print(
                "\(gateway), mixed, direct: \(direct.arrived) of \(Self.count * 8) arrived, \(direct.outcome.bounced) bounced; connections at healthy hosts: \(direct.connections)"
            )
            #expect(direct.outcome.bounced > 0)
            let through = try await self.run(gateway, through: true)
            print(
                "\(gateway), mixed, through Mailshim: \(through.arrived) of \(Self.count * 8) arrived, \(through.outcome.bounced) bounced; connections at healthy hosts: \(through.connections)"
            )
            let tail = Comment(rawValue: through.log.split(separator: "\n").suffix(25).joined(separator: "\n"))
            #expect(through.outcome.bounced == 0 && through.outcome.deferred == 0 && through.outcome.left == 0, tail)
            #expect(through.faults == [], tail)
            #expect(through.connections == direct.connections)
        }
    }
}
