import Foundation
import OddHost
import Testing

extension Peers {
    /// What docs/install.md and docs/recipes tell the owner of a gateway to write, from its very text: it loads, and mail goes through Mailshim.
    @Suite(.enabled(if: Shim.obstacle == nil, Shim.reason)) struct Recipes {
        /// A document with blocks of code.
        struct Document: Sendable {
            let name: String
            private let blocks: [String]

            init(_ name: String) throws {
                self.name = name
                let text = try String(contentsOf: repository.appending(path: name), encoding: .utf8)
                self.blocks = text.components(separatedBy: "```").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            }

            /// A block without the word behind its opening fence.
            func block(with words: String) throws -> String {
                let block = try #require(self.blocks.first { $0.contains(words) }, "\(self.name) has a block with \(words)")
                return block.components(separatedBy: "\n").dropFirst().joined(separator: "\n")
            }

            func recipe(_ gateway: Gateway) throws -> [String: String] {
                switch gateway {
                case .exim:
                    let parts = try self.block(with: "driver = manualroute").components(separatedBy: "# among the transports")
                    try #require(parts.count == 2)
                    return ["routers": parts[0], "transports": "# among the transports" + parts[1]]
                case .postfix: return ["transport": try self.block(with: "example.com smtp:")]
                case .opensmtpd: return ["config": try self.block(with: "match from any for domain")]
                case .sendmail:
                    return ["mc": try self.block(with: "FEATURE(`mailertable')"), "mailertable": try self.block(with: "example.com relay:")]
                }
            }
        }

        static let all: [(String, Gateway)] = [
            ("docs/install.md", .exim), ("docs/install.md", .postfix), ("docs/recipes/exim.md", .exim), ("docs/recipes/postfix.md", .postfix),
            ("docs/recipes/opensmtpd.md", .opensmtpd), ("docs/recipes/sendmail.md", .sendmail),
        ]

        @Test(arguments: all)
        func mailForSomeDestinationsGoesThroughAListenerOfItsOwn(_ name: String, _ gateway: Gateway) async throws {
            let document = try Document(name)
            let scratch = try Scratch("recipe")
            let network = "msr\(UUID().uuidString.prefix(4).lowercased())"
            #expect(try Job("ip netns add \(network) && ip -n \(network) link set lo up", in: scratch.url).resultNow(within: 20).status == 0)
            defer { _ = try? Job("ip netns del \(network)", in: scratch.url).resultNow(within: 20) }
            let host = try await OddHost.start(Behaviour(.noReuse()), onBoundSocket: try Ports.bound("127.0.0.1", 25, in: network))

            let config = scratch.url.appending(path: "mailshim.toml")
            let hosts = scratch.url.appending(path: "hosts")
            try Data("state = \"memory\"\n\(try document.block(with: "mx.example.com:25"))".utf8).write(to: config)
            try Data("127.0.0.1 localhost mx.example.com\n".utf8).write(to: hosts)
            let shim = try Job(
                "mount --bind '\(hosts.path)' /etc/hosts && exec '\(binary.path)' serve --config '\(config.path)'", in: scratch.url, isolated: true,
                network: network)
            let end = ContinuousClock.now + .seconds(20)
            while !Ports.listens(2526, shim.processIdentifier), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(10)) }

            let letters = Letter.make(12, domains: ["example.com"])
            let outcome = try await gateway.send(letters, to: [:], port: 9, network: network, recipe: try document.recipe(gateway))
            #expect(outcome.bounced == 0 && outcome.deferred == 0 && outcome.left == 0, "\(outcome.log.suffix(3000))")
            #expect(faults(of: letters, arrivedAs: host.messages) == [], "\(shim.output.suffix(3000))")
            #expect(shim.output.contains("event=message"))
            shim.signal(SIGKILL)
            _ = await shim.result(within: 20)
            await host.shutdown()
        }
    }
}
