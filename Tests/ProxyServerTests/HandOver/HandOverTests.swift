import AdminProtocol
import Foundation
import OddHost
import Synchronization
import Testing

@testable import ProxyServer

/// A proxy in this process hands over to the built `mailshim serve`.
@Suite(.serialized) struct HandOverTests {
    private static let binary = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "mailshim").path
    private static let isBuilt = FileManager.default.isExecutableFile(atPath: Self.binary)

    private func config(to host: OddHost, _ more: String = "") -> String {
        "[[listener]]\nname = \"in\"\nbind = \"127.0.0.1:0\"\ndestination = \"127.0.0.1:\(host.port)\"\n\(more)"
    }

    private func rig(_ config: String, program: (String) -> [String]) async throws -> Rig {
        let path = FileManager.default.temporaryDirectory.appending(path: "mailshim-\(UUID().uuidString).toml").path
        try "hostname = \"shim.test\"\nstate = \"memory\"\n\(config)".write(toFile: path, atomically: true, encoding: .utf8)
        let environment = ["PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no"]
        let rig = Rig(
            try Rig.parse(config), descriptor: open("/dev/null", O_WRONLY), inheritance: Inheritance(program: program(path), environment: environment))
        #expect(await rig.journal.first("listening") != nil)
        for _ in 0..<4_000 where await rig.proxy.listening.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        return rig
    }

    private func serve(_ path: String) -> [String] { [Self.binary, "serve", "--config", path] }

    /// Ends the successor of a test.
    private func end(_ outcome: HandOverOutcome) {
        if case .done(let successor, _) = outcome { kill(successor, SIGKILL) }
    }

    @Test(.enabled(if: isBuilt, "needs the built mailshim")) func noConnectionIsRefused() async throws {
        let host = try await OddHost.start()
        let rig = try await self.rig(self.config(to: host), program: self.serve)
        let port = await rig.port
        let isOver = Mutex(false)
        defer { isOver.withLock { $0 = true } }
        let sent = Mutex(0)
        let load = Task {
            await withTaskGroup(of: String?.self) { tasks in
                while !isOver.withLock({ $0 }) {
                    let number = sent.withLock { $0 += 1; return $0 }
                    tasks.addTask { await Self.delivered(number, port) }
                    try? await Task.sleep(for: .milliseconds(5))
                }
                return await tasks.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
            }
        }
        try await Task.sleep(for: .milliseconds(300))
        let outcome = await rig.proxy.handOver(within: .seconds(30))
        guard case .done(_, let milliseconds) = outcome else { Issue.record("\(outcome)"); return }
        #expect(milliseconds < 30_000 && !rig.proxy.isMain)
        // It drains while the successor is at work.
        let stopping = Task { try await rig.stop() }
        try await Task.sleep(for: .milliseconds(500))
        isOver.withLock { $0 = true }
        let faults = await load.value
        try await stopping.value
        #expect(faults == [])
        let senders = host.messages.map(\.sender)
        #expect(Set(senders).count == senders.count && senders.count == sent.withLock { $0 })
        #expect(sent.withLock { $0 } > 20)
        self.end(outcome)
        await host.shutdown()
    }

    /// One message; what went wrong.
    private static func delivered(_ number: Int, _ port: Int) async -> String? {
        do {
            let gateway = try Gateway(port: port)
            guard let greeting = await gateway.reply(), greeting.hasPrefix("220") else { return "no greeting" }
            let hello = await gateway.ask("EHLO gateway.test") ?? "closed"
            let codes = await gateway.message(from: "a\(number)@example.org")
            gateway.endOutput()
            return codes == Gateway.delivered ? nil : "\(hello), \(codes)"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [(["/bin/false"], "ended with status 1"), (["/nowhere"], "cannot be run"), (["/bin/sleep", "60"], "not ready within 1 s")])
    func aSuccessorThatIsNotReadyChangesNothing(_ program: [String], _ because: String) async throws {
        let host = try await OddHost.start()
        let rig = try await self.rig(self.config(to: host)) { _ in program }
        guard case .failed(let reason) = await rig.proxy.handOver(within: .seconds(1)) else { Issue.record("done"); return }
        #expect(reason.contains(because))
        #expect(await rig.journal.first("hand-over-failed") != nil)
        #expect(rig.proxy.isMain)
        let gateway = try await rig.greetedGateway()
        #expect(await gateway.message(from: "a@example.org") == Gateway.delivered)
        gateway.endOutput()
        try await rig.stop()
        await host.shutdown()
    }

    @Test(.enabled(if: isBuilt, "needs the built mailshim")) func aSessionOfTheOldOneCountsForTheNewOne() async throws {
        let host = try await OddHost.start()
        let socket = FileManager.default.temporaryDirectory.appending(path: "mailshim-\(UUID().uuidString.prefix(8)).sock").path
        let config = self.config(to: host, "[default]\nconnections = 1\n[admin]\nsocket = \"\(socket)\"")
        let rig = try await self.rig(config, program: self.serve)
        let port = await rig.port
        let old = try await rig.greetedGateway()
        for command in ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>"] { #expect(await old.ask(command)?.hasPrefix("250") == true) }
        let outcome = await rig.proxy.handOver(within: .seconds(30))
        let stopping = Task { try await rig.stop() }
        // The only place is taken: the new one's session waits for its greeting until the old one's has ended.
        let new = try Gateway(port: port)
        let greeting = Task { await new.reply() }
        let isGreeted = Mutex(false)
        Task { if await greeting.value?.hasPrefix("220") == true { isGreeted.withLock { $0 = true } } }
        try await Task.sleep(for: .milliseconds(700))
        #expect(!isGreeted.withLock { $0 })
        // The new one's status knows of it.
        var draining = JSON.null
        for _ in 0..<200 where draining["sessions"].integer != 1 {
            let status = try? AdminClient(path: socket).ask(AdminRequest("status"))
            draining = status?["predecessors"].elements.first ?? .null
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(draining["pid"].integer == Int(getpid()) && draining["sessions"].integer == 1 && draining["stage"].string == "mail")
        #expect(host.visits.count == 1)
        #expect(await old.ask("DATA")?.hasPrefix("354") == true)
        #expect(await old.ask("Subject: x\r\n\r\nx\r\n.")?.hasPrefix("250") == true)
        _ = await old.ask("QUIT")
        old.endOutput()
        #expect(await greeting.value?.hasPrefix("220") == true)
        new.endOutput()
        try await stopping.value
        self.end(outcome)
        await host.shutdown()
    }

    @Test(.enabled(if: isBuilt, "needs the built mailshim")) func aSuccessorThatDiesIsFollowedByAnother() async throws {
        let host = try await OddHost.start()
        let rig = try await self.rig(self.config(to: host), program: self.serve)
        let port = await rig.port
        let old = try await rig.greetedGateway()
        for command in ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>"] { _ = await old.ask(command) }
        let outcome = await rig.proxy.handOver(within: .seconds(30))
        let stopping = Task { try await rig.stop() }
        try await Task.sleep(for: .milliseconds(300))
        self.end(outcome)
        // In the queue of the copy that the old one keeps.
        #expect(await Self.delivered(1, port) == nil)
        #expect(rig.journal.lines("successor-died").count == 1)
        let last = rig.journal.lines("handed-over").last?.fields.first { $0.name == "successor" }
        _ = await old.ask("RSET")
        _ = await old.ask("QUIT")
        old.endOutput()
        try await stopping.value
        if case .number(let number)? = last?.value { kill(Int32(number), SIGKILL) } else { Issue.record("no successor") }
        await host.shutdown()
    }
}
