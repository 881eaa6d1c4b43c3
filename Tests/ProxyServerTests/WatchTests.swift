import Foundation
import Testing

@testable import ProxyServer

/// `mailshim firewall watch` in namespaces: mail is led to a Mailshim that lives, and past one that does not.
@Suite(.serialized, .enabled(if: Namespaces.areAvailable, "needs root, iproute2 and nftables")) struct WatchTests {
    private static let binary = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "mailshim").path

    /// A program in the namespace; it is heard.
    private final class Program: @unchecked Sendable {
        let process = Process()
        private let file: URL
        private let handle: FileHandle

        init(_ words: [String], in namespace: String, as user: String = "root") throws {
            self.file = FileManager.default.temporaryDirectory.appending(path: "mailshim-\(UUID().uuidString).log")
            try Data().write(to: self.file)
            self.handle = try FileHandle(forWritingTo: self.file)
            let identity = user == "root" ? [] : ["setpriv", "--reuid=\(user)", "--clear-groups", "--inh-caps=+net_admin", "--ambient-caps=+net_admin"]
            self.process.executableURL = URL(filePath: "/usr/sbin/ip")
            self.process.arguments = ["netns", "exec", namespace] + identity + words
            (self.process.standardError, self.process.standardOutput) = (self.handle, self.handle)
            try self.process.run()
        }

        deinit {
            if self.process.isRunning { kill(self.process.processIdentifier, SIGKILL) }
            try? FileManager.default.removeItem(at: self.file)
        }

        var text: String { (try? String(contentsOf: self.file, encoding: .utf8)) ?? "" }

        func said(_ words: String, times: Int = 1, within seconds: Double = 20) async -> Bool {
            let end = ContinuousClock.now + .seconds(seconds)
            while ContinuousClock.now < end {
                if self.text.ranges(of: words).count >= times { return true }
                try? await Task.sleep(for: .milliseconds(5))
            }
            return false
        }

        func end(_ signal: Int32) {
            kill(self.process.processIdentifier, signal)
            self.process.waitUntilExit()
        }
    }

    /// Who greets on port 25 of the host: Mailshim hides that by its own address, so it is told by the host's peers.
    private func deliver(to host: TinyHost, at address: String, from namespace: String) async -> String {
        do {
            let gateway = try await Namespaces.inside(namespace) { try ProxyServerTests.Gateway(port: 25, host: address) }
            guard await gateway.reply()?.hasPrefix("220") == true else { return "no greeting" }
            _ = await gateway.ask("EHLO gateway.test")
            let codes = await gateway.message(from: "a@example.org")
            _ = await gateway.ask("QUIT")
            return codes == Gateway.delivered ? host.peers.last ?? "" : "\(codes)"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [("original", NamespaceTests.ConnectionSlot.router), ("original", .own), ("tproxy", .router)])
    func mailGoesPastADeadMailshimAndComesBack(_ destination: String, _ place: NamespaceTests.ConnectionSlot) async throws {
        let namespaces = try Namespaces("w")
        let host = try await Namespaces.inside(namespaces.host) { try TinyHost() }
        host.serve()
        let folder = FileManager.default.temporaryDirectory.appending(path: "mailshim-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        chmod(folder.path, 0o777)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "c.toml").path
        try """
        hostname = "shim.test"
        state = "memory"
        [admin]
        socket = "\(folder.path)/admin.sock"
        [[listener]]
        name = "outbound"
        bind = ["0.0.0.0:2525", "[::]:2525"]
        destination = "\(destination)"
        when-down = "direct"
        \(place == .router ? "allow = [\"10.1.0.0/24\", \"fd01::/64\"]" : "")
        """.write(toFile: path, atomically: true, encoding: .utf8)
        let serving = [Self.binary, "serve", "--config", path]
        var shim = try Program(serving, in: namespaces.shim, as: "nobody")
        #expect(await shim.said("event=listening", times: 2), "\(shim.text)")
        let watch = try Program(
            [Self.binary, "firewall", "watch", "--config", path, "--user", "nobody", "--back-after", "2"], in: namespaces.shim)
        #expect(await watch.said("event=redirect-applied"), "\(watch.text)")
        let gateway = place == .router ? namespaces.gateway : namespaces.shim
        // By namespace and mode: as whom the host sees a connection that went through, and one that went past.
        let (through, past) =
            place == .own ? ("10.2.0.1", "10.2.0.1") : (destination == "tproxy" ? "10.1.0.2" : "10.2.0.1", "10.1.0.2")
        #expect(await self.deliver(to: host, at: "10.2.0.2", from: gateway) == through)
        #expect(await shim.said("event=message"))

        // A session that was begun outlives the refreshes.
        let long = try await Namespaces.inside(gateway) { try ProxyServerTests.Gateway(port: 25, host: "10.2.0.2") }
        _ = await long.reply()
        _ = await long.ask("EHLO gateway.test")
        try await Task.sleep(for: .seconds(5))
        #expect(await long.message(from: "long@example.org") == Gateway.delivered)
        long.endOutput()

        // Dead: at once past it. A connection in the very moment may be refused, the next one is not.
        shim.end(SIGKILL)
        let isPast = await watch.said("event=redirect-past", within: 3)
        #expect(isPast, "\(watch.text)")
        for _ in 0..<3 { #expect(await self.deliver(to: host, at: "10.2.0.2", from: gateway) == past) }
        #expect(await self.deliver(to: host, at: "fd02::2", from: gateway) == past.v6)

        // Back, and not at once.
        shim = try Program(serving, in: namespaces.shim, as: "nobody")
        #expect(await shim.said("event=listening", times: 2))
        #expect(await watch.said("event=redirect-led", within: 10), "\(watch.text)")
        #expect(await self.deliver(to: host, at: "10.2.0.2", from: gateway) == through)
        #expect(await shim.said("event=message"))

        // Whoever flushes the rules finds them there again.
        try Namespaces.shell("nft flush ruleset", in: namespaces.shim)
        #expect(await watch.said("event=redirect-missing", within: 5), "\(watch.text)")
        #expect(await shim.said("event=redirect-missing", within: 5))
        #expect(await self.deliver(to: host, at: "10.2.0.2", from: gateway) == through)

        // Stopped: past, with a Mailshim that lives.
        watch.end(SIGTERM)
        let messages = shim.text.ranges(of: "event=message").count
        #expect(await self.deliver(to: host, at: "10.2.0.2", from: gateway) == past)
        #expect(shim.text.ranges(of: "event=message").count == messages)
        shim.end(SIGKILL)
        host.stop()
    }
}

extension String {
    /// The same machine's IPv6 address.
    fileprivate var v6: String { self.replacing("10.2.0.1", with: "fd02::1").replacing("10.1.0.2", with: "fd01::2") }
}
