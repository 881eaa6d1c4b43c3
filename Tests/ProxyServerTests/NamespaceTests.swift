import Foundation
import Rules
import Testing

@testable import ProxyServer

/// `mailshim firewall | sh` as printed, with gateway, Mailshim and host in namespaces of their own.
@Suite(.serialized, .enabled(if: Namespaces.areAvailable, "needs root, iproute2 and nftables")) struct NamespaceTests {
    enum Family: String, CaseIterable, Sendable {
        case v4, v6

        var host: String { self == .v4 ? "10.2.0.2" : "fd02::2" }
        var gateway: String { self == .v4 ? "10.1.0.2" : "fd01::2" }
        /// Mailshim's own address towards the host.
        var shim: String { self == .v4 ? "10.2.0.1" : "fd02::1" }
    }

    static let cases = [("original", Family.v4), ("original", .v6), ("tproxy", .v4), ("tproxy", .v6)]

    /// Mailshim runs as nobody, so that it is not who the gateway on its machine is.
    private func config(_ destination: String, allow: (String, String)) -> String {
        """
        hostname = "shim.test"
        state = "memory"
        [[listener]]
        name = "four"
        bind = "0.0.0.0:2525"
        destination = "\(destination)"
        allow = ["\(allow.0)"]
        [[listener]]
        name = "six"
        bind = "[::]:2525"
        destination = "\(destination)"
        allow = ["\(allow.1)"]
        """
    }

    private func rules(_ config: String, user: String = "nobody") throws -> FirewallRules {
        FirewallRules(try Config(parsing: config, path: "x", quirks: [], hostname: "x"), user: user)
    }

    /// Starts the built `mailshim serve` in the namespace, and waits until it listens.
    private func serve(_ config: String, in namespace: String) async throws -> Process {
        let path = "/tmp/mailshim-ns-\(UUID().uuidString).toml"
        try config.write(toFile: path, atomically: true, encoding: .utf8)
        let binary = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "mailshim").path
        let process = Process()
        process.executableURL = URL(filePath: "/usr/sbin/ip")
        process.arguments = [
            "netns", "exec", namespace, "setpriv", "--reuid=nobody", "--clear-groups", "--inh-caps=+net_admin", "--ambient-caps=+net_admin", binary,
            "serve",
            "--config", path,
        ]
        let log = Pipe()
        process.standardError = log
        try process.run()
        var text = ""
        while text.ranges(of: "event=listening").count < 2 {
            let bytes = log.fileHandleForReading.availableData
            guard !bytes.isEmpty else { throw Namespaces.Trouble(command: "mailshim serve", output: text) }
            text += String(decoding: bytes, as: UTF8.self)
        }
        log.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
        try FileManager.default.removeItem(atPath: path)
        return process
    }

    private func deliver(_ count: Int, to host: String, from namespace: String) async throws {
        let gateway = try await Namespaces.inside(namespace) { try Gateway(port: 25, host: host) }
        #expect(await gateway.reply() == "220 tiny.example ESMTP")
        #expect(await gateway.ask("EHLO gateway.test")?.prefix(3) == "250")
        for number in 0..<count { #expect(await gateway.message(from: "a\(number)@example.org") == Gateway.delivered) }
        #expect(await gateway.ask("QUIT")?.prefix(3) == "221")
    }

    @Test(arguments: cases)
    func onARouter(_ destination: String, _ family: Family) async throws {
        let namespaces = try Namespaces("r")
        let host = try await Namespaces.inside(namespaces.host) { try TinyHost() }
        host.serve()
        let config = self.config(destination, allow: ("10.1.0.0/24", "fd01::/64"))
        let rules = try self.rules(config)
        for _ in 0..<2 { try Namespaces.shell(rules.script(), in: namespaces.shim) }  // it may be run again
        let shim = try await self.serve(config, in: namespaces.shim)
        try await self.deliver(3, to: family.host, from: namespaces.gateway)
        #expect(host.messages == 3)
        #expect(host.peers == Array(repeating: destination == "tproxy" ? family.gateway : family.shim, count: 3))
        // Without the rules the gateway meets the host itself.
        try Namespaces.shell(rules.script(undo: true), in: namespaces.shim)
        let gateway = try await Namespaces.inside(namespaces.gateway) { try Gateway(port: 25, host: family.host) }
        for expected in [Gateway.delivered, ["503"]] {
            if expected == Gateway.delivered { _ = await gateway.reply() }
            #expect(await gateway.message(from: "a@example.org") == expected)
        }
        #expect(host.peers.last == family.gateway)
        shim.terminate()
        shim.waitUntilExit()
        host.stop()
    }

    @Test(arguments: cases)
    func onTheGatewaysOwnMachine(_ destination: String, _ family: Family) async throws {
        let namespaces = try Namespaces("o")
        let host = try await Namespaces.inside(namespaces.host) { try TinyHost() }
        host.serve()
        let config = self.config(destination, allow: ("127.0.0.0/8", "::1"))
        try Namespaces.shell(try self.rules(config).script(), in: namespaces.shim)
        let shim = try await self.serve(config, in: namespaces.shim)
        try await self.deliver(3, to: family.host, from: namespaces.shim)
        #expect(host.messages == 3)
        #expect(host.peers == Array(repeating: family.shim, count: 3))
        shim.terminate()
        shim.waitUntilExit()
        host.stop()
    }

    /// Rules that exempt somebody else: Mailshim's own connections come back to it, and that must end in the first round.
    @Test(arguments: Family.allCases)
    func aLoopThroughTheFirewallEndsAtOnce(_ family: Family) async throws {
        let namespaces = try Namespaces("l")
        let host = try await Namespaces.inside(namespaces.host) { try TinyHost() }
        host.serve()
        let config = self.config("original", allow: ("0.0.0.0/0", "::/0"))
        try Namespaces.shell(try self.rules(config, user: "daemon").script(), in: namespaces.shim)
        let shim = try await self.serve(config, in: namespaces.shim)
        let gateway = try await Namespaces.inside(namespaces.shim) { try Gateway(port: 25, host: family.host) }
        let reply = await gateway.reply()
        #expect(reply?.hasPrefix("421") == true, "\(reply ?? "nothing")")
        #expect(host.peers == [])
        shim.terminate()
        shim.waitUntilExit()
        host.stop()
    }
}
