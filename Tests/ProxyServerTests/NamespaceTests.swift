import Foundation
import Rules
import Testing

@testable import ProxyServer

/// `mailshim firewall` as applied and as printed, with gateway, Mailshim and host in namespaces of their own.
@Suite(.serialized, .enabled(if: Namespaces.areAvailable, "needs root, iproute2 and nftables")) struct NamespaceTests {
    enum Family: String, CaseIterable, Sendable {
        case v4, v6

        var host: String { self == .v4 ? "10.2.0.2" : "fd02::2" }
        var gateway: String { self == .v4 ? "10.1.0.2" : "fd01::2" }
        /// Mailshim's own address towards the host.
        var shim: String { self == .v4 ? "10.2.0.1" : "fd02::1" }
    }

    static let cases = [("original", Family.v4), ("original", .v6), ("tproxy", .v4), ("tproxy", .v6)]
    /// Where the gateway is.
    enum ConnectionSlot: String, CaseIterable, Sendable { case router, own }

    private static let binary = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "mailshim").path

    /// Mailshim runs as nobody, so that it is not who the gateway on its machine is.
    private func config(_ destination: String, _ place: ConnectionSlot) -> String {
        """
        hostname = "shim.test"
        state = "memory"
        [[listener]]
        name = "outbound"
        bind = ["0.0.0.0:2525", "[::]:2525"]
        destination = "\(destination)"
        \(place == .router ? "allow = [\"10.1.0.0/24\", \"fd01::/64\"]" : "")
        """
    }

    private func write(_ config: String) throws -> String {
        let path = "/tmp/mailshim-ns-\(UUID().uuidString).toml"
        try config.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// `mailshim firewall …` in the namespace; what it printed on both outputs.
    @discardableResult
    private func firewall(_ words: String, _ config: String, in namespaces: Namespaces, user: String? = nil) throws -> String {
        let exempt = user.map { "--user \($0)" } ?? ""
        // What the words have behind a `|` stays behind.
        let parts = words.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let rest = parts.count > 1 ? "|" + parts[1] : ""
        return try Namespaces.shell("{ \(Self.binary) firewall \(parts[0]) --config \(config) \(exempt) \(rest); } 2>&1", in: namespaces.shim)
    }

    /// Starts the built `mailshim serve` in the namespace, and waits until it listens on both families.
    private func serve(_ path: String, in namespace: String) async throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/sbin/ip")
        process.arguments = [
            "netns", "exec", namespace, "setpriv", "--reuid=nobody", "--clear-groups", "--inh-caps=+net_admin", "--ambient-caps=+net_admin",
            Self.binary,
            "serve", "--config", path,
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
        return process
    }

    private func greeted(at host: String, from namespace: String) async throws -> Gateway {
        let gateway = try await Namespaces.inside(namespace) { try Gateway(port: 25, host: host) }
        #expect(await gateway.reply() == "220 tiny.example ESMTP")
        #expect(await gateway.ask("EHLO gateway.test")?.prefix(3) == "250")
        return gateway
    }

    private func deliver(_ count: Int, to host: String, from namespace: String) async throws {
        let gateway = try await self.greeted(at: host, from: namespace)
        for number in 0..<count { #expect(await gateway.message(from: "a\(number)@example.org") == Gateway.delivered) }
        #expect(await gateway.ask("QUIT")?.prefix(3) == "221")
    }

    private func stop(_ shim: Process, _ host: TinyHost, _ path: String) {
        shim.terminate()
        shim.waitUntilExit()
        host.stop()
        try? FileManager.default.removeItem(atPath: path)
    }

    @Test(arguments: cases)
    func onARouter(_ destination: String, _ family: Family) async throws {
        let namespaces = try Namespaces("r")
        let host = try await Namespaces.inside(namespaces.host) { try TinyHost() }
        host.serve()
        let path = try self.write(self.config(destination, .router))
        for _ in 0..<2 { try self.firewall("| sh", path, in: namespaces, user: "nobody") }  // it may be run again
        let shim = try await self.serve(path, in: namespaces.shim)
        try await self.deliver(3, to: family.host, from: namespaces.gateway)
        #expect(host.messages == 3)
        #expect(host.peers == Array(repeating: destination == "tproxy" ? family.gateway : family.shim, count: 3))
        // Without the rules the gateway meets the host itself.
        try self.firewall("--undo | sh", path, in: namespaces)
        let gateway = try await Namespaces.inside(namespaces.gateway) { try Gateway(port: 25, host: family.host) }
        for expected in [Gateway.delivered, ["503"]] {
            if expected == Gateway.delivered { _ = await gateway.reply() }
            #expect(await gateway.message(from: "a@example.org") == expected)
        }
        #expect(host.peers.last == family.gateway)
        self.stop(shim, host, path)
    }

    @Test(arguments: cases)
    func onTheGatewaysOwnMachine(_ destination: String, _ family: Family) async throws {
        let namespaces = try Namespaces("o")
        let host = try await Namespaces.inside(namespaces.host) { try TinyHost() }
        host.serve()
        let path = try self.write(self.config(destination, .own))
        try self.firewall("apply", path, in: namespaces, user: "nobody")
        let shim = try await self.serve(path, in: namespaces.shim)
        try await self.deliver(3, to: family.host, from: namespaces.shim)
        #expect(host.messages == 3)
        #expect(host.peers == Array(repeating: family.shim, count: 3))
        self.stop(shim, host, path)
    }

    /// `mailshim probe` on the gateway's own machine meets Mailshim and says how to go round it; which then reaches the host.
    @Test(arguments: cases)
    func probeNoticesThatItIsLedHere(_ destination: String, _ family: Family) async throws {
        let namespaces = try Namespaces("p")
        let host = try await Namespaces.inside(namespaces.host) { try TinyHost() }
        host.serve()
        let path = try self.write(self.config(destination, .own) + "[admin]\nsocket = \"/tmp/ms-\(UUID().uuidString.prefix(8)).sock\"\n")
        try self.firewall("apply", path, in: namespaces, user: "nobody")
        let shim = try await self.serve(path, in: namespaces.shim)
        func probe(_ user: String, _ words: String = "") throws -> String {
            try Namespaces.shell(
                "setpriv --reuid=\(user) --clear-groups \(Self.binary) probe \(family.host) --config \(path) \(words) 2>&1; echo status=$?",
                in: namespaces.shim)
        }
        let led = try probe("root")
        #expect(led.contains("was not reached: Mailshim at shim.test answered in its place, so nothing was probed."), "\(led)")
        #expect(led.contains("sudo -u nobody mailshim probe "), "whom it runs as, the running one knows: \(led)")
        #expect(led.contains("mailshim bypass \(family.host) --for 10m") && led.contains("status=69"), "\(led)")
        #expect(host.messages == 0)
        let round = try probe("nobody")
        #expect(round.contains("message-limit messages=1, suspected") && round.contains("status=1"), "what is odd about the host itself: \(round)")
        #expect(host.peers.count > 3, "each of its connections reached the host itself")
        let json = try probe("root", "--json")
        #expect(json.contains("\"mailshim\": \"shim.test\"") && json.contains("\"healthy\": false"), "\(json)")
        // Out of the way of the host it is as if there were no Mailshim.
        try Namespaces.shell("\(Self.binary) bypass \(family.host) --for 10m --config \(path)", in: namespaces.shim)
        let past = try probe("root")
        #expect(past.contains("message-limit messages=1, suspected") && past.contains("status=1"), "what is odd about the host itself: \(past)")
        self.stop(shim, host, path)
        // Where nobody listens behind the rules, it is not the host that refuses.
        let dead = try probe("root", "--timeout 2")
        #expect(dead.contains("cannot be reached") && dead.contains("lead connections to port 25 to Mailshim here"), "\(dead)")
        #expect(dead.contains("status=69"), "\(dead)")
    }

    /// Conntrack begins with the first rule and takes a packet in the middle of a connection for a new one, which must not be led.
    @Test(arguments: cases, ConnectionSlot.allCases)
    func aSessionGoesOnAsItBegan(_ which: (String, Family), _ place: ConnectionSlot) async throws {
        let (destination, family) = which
        let namespaces = try Namespaces("s")
        let host = try await Namespaces.inside(namespaces.host) { try TinyHost() }
        host.serve()
        let path = try self.write(self.config(destination, place))
        let shim = try await self.serve(path, in: namespaces.shim)
        let from = place == .router ? namespaces.gateway : namespaces.shim
        let direct = try await self.greeted(at: family.host, from: from)
        for command in ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA"] { _ = await direct.ask(command) }
        // The host's delayed ACK would make an entry in the other direction, and hide it.
        try await Task.sleep(for: .milliseconds(400))
        try self.firewall("apply", path, in: namespaces, user: "nobody")
        await direct.send("Subject: x\r\n\r\nx\r\n")
        try await Task.sleep(for: .milliseconds(400))
        #expect(await direct.ask(".")?.prefix(3) == "250")
        // One that is led stays so while the rules are replaced.
        let led = try await self.greeted(at: family.host, from: from)
        #expect(await led.message(from: "c@example.org") == Gateway.delivered)
        for command in ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA"] { _ = await led.ask(command) }
        try self.firewall("apply", path, in: namespaces, user: "nobody")
        await led.send("Subject: x\r\n\r\nx\r\n")
        try await Task.sleep(for: .milliseconds(100))
        try self.firewall("apply", path, in: namespaces, user: "nobody")
        #expect(await led.ask(".")?.prefix(3) == "250")
        #expect(host.messages == 3)
        #expect(await direct.ask("QUIT")?.prefix(3) == "221")
        // Nothing of it is left, and it says what that costs.
        let words = try self.firewall("undo", path, in: namespaces)
        #expect(words.contains("sessions that this cuts: \(destination == "tproxy" ? "at most " : "")1"), "\(words)")
        #expect(try Namespaces.shell("nft list ruleset; ip rule; ip -6 rule", in: namespaces.shim).contains("mailshim") == false)
        #expect(try self.firewall("undo", path, in: namespaces).contains("there are no rules to take back"))
        self.stop(shim, host, path)
    }

    @Test func statusSaysWhetherTheRulesAreThereAndWhatTheyLed() async throws {
        let namespaces = try Namespaces("t")
        let host = try await Namespaces.inside(namespaces.host) { try TinyHost() }
        host.serve()
        let path = try self.write(self.config("original", .router))
        #expect(try self.firewall("status || [ $? = 1 ]; echo", path, in: namespaces).contains("There are no rules: mail goes past Mailshim."))
        try self.firewall("apply", path, in: namespaces)
        let shim = try await self.serve(path, in: namespaces.shim)
        for family in [Family.v4, .v4, .v6] { try await self.deliver(1, to: family.host, from: namespaces.gateway) }
        let status = try self.firewall("status", path, in: namespaces).split(separator: "\n")
        #expect(status.contains("The rules are in place, as \(path) asks for."))
        #expect(status.contains { $0.split(separator: " ") == ["outbound", "0.0.0.0:2525", "original", "2"] }, "\(status)")
        #expect(status.contains { $0.split(separator: " ") == ["outbound", "[::]:2525", "original", "1"] }, "\(status)")
        // Another config: they are not what it asks for.
        let other = try self.write(self.config("tproxy", .router))
        #expect(try self.firewall("status || [ $? = 1 ]; echo", other, in: namespaces).contains("There are rules, but not those"))
        try FileManager.default.removeItem(atPath: other)
        self.stop(shim, host, path)
    }

    /// The configs of docs/install.md as they stand there, for a router and for the gateway's own machine.
    @Test(arguments: ConnectionSlot.allCases)
    func theDocumentedConfigsLeadBothFamiliesHere(_ place: ConnectionSlot) async throws {
        let document = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/install.md"), encoding: .utf8)
        let configs = document.components(separatedBy: "```toml\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
            .filter { $0.contains("destination = \"original\"") }
        try #require(configs.count == 2)
        let path = try self.write("state = \"memory\"\n" + (place == .router ? configs[0] : configs[1]))
        let namespaces = try Namespaces("m")
        // The addresses of the second one.
        try Namespaces.shell(
            """
            set -e
            out=$(ip -o route get 10.2.0.2 | sed 's/.* dev \\([^ ]*\\) .*/\\1/')
            ip addr add 192.0.2.10/24 dev $out; ip addr add 2001:db8::10/64 dev $out nodad
            """, in: namespaces.shim)
        try Namespaces.shell(
            """
            set -e
            in=$(ip -o route get 10.2.0.1 | sed 's/.* dev \\([^ ]*\\) .*/\\1/')
            ip addr add 192.0.2.25/24 dev $in; ip addr add 2001:db8::25/64 dev $in nodad
            """, in: namespaces.host)
        let host = try await Namespaces.inside(namespaces.host) { try TinyHost() }
        host.serve()
        let shim = try await self.serve(path, in: namespaces.shim)
        let rules = try self.firewall("apply", path, in: namespaces, user: "nobody")
        #expect(!rules.contains("not redirected") && !rules.contains("allow has loopback"), "\(rules)")
        let hosts = place == .router ? [Family.v4.host, Family.v6.host] : ["192.0.2.25", "2001:db8::25"]
        for address in hosts { try await self.deliver(3, to: address, from: place == .router ? namespaces.gateway : namespaces.shim) }
        #expect(host.messages == 6)
        let own = place == .router ? [Family.v4.shim, Family.v6.shim] : ["192.0.2.10", "2001:db8::10"]
        #expect(host.peers == own.flatMap { Array(repeating: $0, count: 3) })
        self.stop(shim, host, path)
    }

    /// Rules that exempt somebody else: Mailshim's own connections come back to it, and that must end in the first round.
    @Test(arguments: Family.allCases)
    func aLoopThroughTheFirewallEndsAtOnce(_ family: Family) async throws {
        let namespaces = try Namespaces("l")
        let host = try await Namespaces.inside(namespaces.host) { try TinyHost() }
        host.serve()
        let path = try self.write(self.config("original", .own) + "\nallow = [\"0.0.0.0/0\", \"::/0\"]\n")
        try self.firewall("apply", path, in: namespaces, user: "daemon")
        let shim = try await self.serve(path, in: namespaces.shim)
        let gateway = try await Namespaces.inside(namespaces.shim) { try Gateway(port: 25, host: family.host) }
        let reply = await gateway.reply()
        #expect(reply?.hasPrefix("421") == true, "\(reply ?? "nothing")")
        #expect(host.peers == [])
        self.stop(shim, host, path)
    }

    /// They would connect to each other until one has no room: neither hears a greeting before the other.
    @Test func twoMailshimsThatLeadToEachOtherEndAtTheFifthConnection() async throws {
        let namespaces = try Namespaces("m")
        func config(_ port: Int, to destination: String) throws -> String {
            try self.write(
                """
                hostname = "shim.test"
                state = "memory"
                [[listener]]
                bind = ["0.0.0.0:\(port)", "[::]:\(port)"]
                destination = "\(destination)"
                allow = ["0.0.0.0/0"]
                """)
        }
        let shim = try await self.serve(try config(2525, to: "10.2.0.2:2526"), in: namespaces.shim)
        let other = try await self.serve(try config(2526, to: "10.2.0.1:2525"), in: namespaces.host)
        let gateway = try await Namespaces.inside(namespaces.gateway) { try Gateway(port: 2525, host: "10.1.0.1") }
        let reply = await gateway.reply()
        #expect(reply?.hasPrefix("421 4.4.6 ") == true, "\(reply ?? "nothing")")
        for process in [shim, other] {
            process.terminate()
            process.waitUntilExit()
        }
    }
}
