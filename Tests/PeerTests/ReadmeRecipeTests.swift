import Foundation
import OddHost
import Testing

extension Peers {
    /// What the README tells the owner of a gateway to write, from its very text: it loads, and mail goes through Mailshim.
    @Suite(.enabled(if: Shim.obstacle == nil, Shim.reason)) struct ReadmeRecipes {
        private let blocks: [String]

        init() throws {
            let text = try String(contentsOf: repository.appending(path: "README.md"), encoding: .utf8)
            self.blocks = text.components(separatedBy: "```").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        }

        /// A block without the word behind its opening fence.
        private func block(with words: String) throws -> String {
            let block = try #require(self.blocks.first { $0.contains(words) }, "the README has a block with \(words)")
            return block.components(separatedBy: "\n").dropFirst().joined(separator: "\n")
        }

        private func recipe(_ gateway: Gateway) throws -> [String: String] {
            guard gateway == .exim else { return ["transport": try self.block(with: "example.com smtp:")] }
            let parts = try self.block(with: "driver = manualroute").components(separatedBy: "# among the transports")
            try #require(parts.count == 2)
            return ["routers": parts[0], "transports": "# among the transports" + parts[1]]
        }

        @Test(arguments: [Gateway.exim, .postfix])
        func mailForSomeDestinationsGoesThroughAListenerOfItsOwn(_ gateway: Gateway) async throws {
            let scratch = try Scratch("recipe")
            let network = "msr\(UUID().uuidString.prefix(4).lowercased())"
            #expect(try Job("ip netns add \(network) && ip -n \(network) link set lo up", in: scratch.url).resultNow(within: 20).status == 0)
            defer { _ = try? Job("ip netns del \(network)", in: scratch.url).resultNow(within: 20) }
            let host = try await OddHost.start(Behaviour(.noReuse()), onBoundSocket: try Ports.bound("127.0.0.1", 25, in: network))

            let config = scratch.url.appending(path: "mailshim.toml")
            let hosts = scratch.url.appending(path: "hosts")
            try Data("state = \"memory\"\n\(try self.block(with: "mx.example.com:25"))".utf8).write(to: config)
            try Data("127.0.0.1 localhost mx.example.com\n".utf8).write(to: hosts)
            let shim = try Job(
                "mount --bind '\(hosts.path)' /etc/hosts && exec '\(binary.path)' serve --config '\(config.path)'", in: scratch.url, isolated: true,
                network: network)
            let end = ContinuousClock.now + .seconds(20)
            while !Ports.listens(2526, shim.processIdentifier), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(10)) }

            let letters = Letter.make(12, domains: ["example.com"])
            let outcome = try await gateway.send(letters, to: [:], port: 9, network: network, recipe: try self.recipe(gateway))
            #expect(outcome.bounced == 0 && outcome.deferred == 0 && outcome.left == 0, "\(outcome.log.suffix(3000))")
            #expect(faults(of: letters, arrivedAs: host.messages) == [], "\(shim.output.suffix(3000))")
            #expect(shim.output.contains("event=message"))
            shim.signal(SIGKILL)
            _ = await shim.result(within: 20)
            await host.shutdown()
        }
    }
}
