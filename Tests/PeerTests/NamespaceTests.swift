import Foundation
import NIOCore
import OddHost
import Testing

extension Peers {
    /// Gateway, proxy and host in three network namespaces, with the rules that `mailshim firewall` prints.
    @Suite(.enabled(if: Shim.obstacle == nil, Shim.reason)) struct Namespaces {
        /// gateway 10.77.1.1 ── 10.77.1.2 proxy 10.77.2.2 ── 10.77.2.1 host
        private final class Street {
            let names: (gateway: String, proxy: String, host: String)

            init(in folder: URL) throws {
                let id = String(UUID().uuidString.prefix(4)).lowercased()
                self.names = ("msg\(id)", "msp\(id)", "msh\(id)")
                let (g, p, h) = self.names
                let result = try Job(
                    """
                    set -eu
                    for n in \(g) \(p) \(h); do ip netns add $n; ip -n $n link set lo up; done
                    ip -n \(p) link add gw type veth peer name eth0 netns \(g)
                    ip -n \(p) link add out type veth peer name eth0 netns \(h)
                    ip -n \(g) addr add 10.77.1.1/24 dev eth0; ip -n \(p) addr add 10.77.1.2/24 dev gw
                    ip -n \(h) addr add 10.77.2.1/24 dev eth0; ip -n \(p) addr add 10.77.2.2/24 dev out
                    ip -n \(g) link set eth0 up; ip -n \(p) link set gw up; ip -n \(p) link set out up; ip -n \(h) link set eth0 up
                    ip -n \(g) route add default via 10.77.1.2; ip -n \(h) route add default via 10.77.2.2
                    ip netns exec \(p) sysctl -qw net.ipv4.ip_forward=1
                    """, in: folder
                ).resultNow(within: 20)
                guard result.status == 0 else { throw Gateway.Failure(description: "no namespaces: \(result.output)") }
            }

            deinit {
                let (g, p, h) = self.names
                _ = try? Job("for n in \(g) \(p) \(h); do ip netns del $n; done", in: FileManager.default.temporaryDirectory).resultNow(within: 20)
            }
        }

        @Test(arguments: ["original", "tproxy"])
        func lettersArriveThroughTheRulesThatFirewallPrints(_ destination: String) async throws {
            let scratch = try Scratch("street")
            let street = try Street(in: scratch.url)
            let host = try await OddHost.start(Behaviour(.noReuse()), onBoundSocket: try Ports.bound("10.77.2.1", 25, in: street.names.host))
            let shim = try await Shim(listeners: [("0.0.0.0", 2525, destination)], network: street.names.proxy)
            let rules = try Job(
                "set -o pipefail; '\(binary.path)' firewall --config '\(shim.config.path)' | tee /dev/stderr | sh -e", in: scratch.url,
                network: street.names.proxy)
            let applied = await rules.result(within: 20)
            #expect(applied.status == 0, "\(applied.output)")

            let letters = Letter.make(40)
            let outcome = try await Gateway.exim.send(letters, to: ["remote.test": "10.77.2.1"], port: 25, network: street.names.gateway)
            let seen = Set(host.visits.compactMap { $0.peer?.ipAddress })
            print(
                "\(destination): \(host.counts.messages) arrived on \(host.counts.connections) connections from \(seen.sorted()), \(outcome.bounced) bounced"
            )
            #expect(outcome.bounced == 0 && outcome.deferred == 0 && outcome.left == 0, shim.tail)
            #expect(faults(of: letters, arrivedAs: host.messages) == [], shim.tail)
            #expect(shim.log.contains("event=message"), "the rules lead through Mailshim")
            #expect(seen == [destination == "tproxy" ? "10.77.1.1" : "10.77.2.2"], shim.tail)
            #expect(host.counts.connections >= 40)

            let undone = try Job(
                "set -o pipefail; '\(binary.path)' firewall --undo --config '\(shim.config.path)' | sh -e; nft list ruleset", in: scratch.url,
                network: street.names.proxy)
            let left = await undone.result(within: 20)
            #expect(left.status == 0 && !left.output.contains("2525"), "\(left.output)")
            await shim.stop()
            await host.shutdown()
        }
    }
}
