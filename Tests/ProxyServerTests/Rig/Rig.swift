import Glibc
import Logging
import NIOCore
import OddHost
import OpenSSLTLS
import QuirkKit
import Rules
import ServiceLifecycle
import StandardQuirks
import Synchronization
import Testing

@testable import ProxyServer

/// A proxy in this process, and the lines that it logs.
final class Rig: Sendable {
    let proxy: Proxy
    let journal: Journal
    private let group: ServiceGroup
    private let running: Task<Void, any Error>

    /// What the log said, in order.
    final class Journal: Sendable {
        private let kept = Mutex<[Line]>([])

        func add(_ line: Line) { self.kept.withLock { $0.append(line) } }
        var lines: [Line] { self.kept.withLock { $0 } }
        func lines(_ event: String) -> [Line] { self.lines.filter { $0.event == event } }

        /// Waits for a line.
        func first(_ event: String, within time: Duration = .seconds(20)) async -> Line? {
            let end = ContinuousClock.now + time
            while ContinuousClock.now < end {
                if let line = self.lines(event).first { return line }
                try? await Task.sleep(for: .milliseconds(5))
            }
            return nil
        }
    }

    /// `config` without hostname and state: both are set here.
    static func start(_ config: String, trust: TLSTrust = .system, catalogue: [any Quirk] = StandardQuirks.catalogue) async throws -> Rig {
        let rig = Rig(try Self.parse(config), trust: trust, catalogue: catalogue, descriptor: open("/dev/null", O_WRONLY))
        #expect(await rig.journal.first("listening") != nil)
        for _ in 0..<4_000 where await rig.proxy.listening.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        return rig
    }

    /// One listener on loopback to a fixed host.
    static func start(to port: Int, _ more: String = "") async throws -> Rig {
        try await Self.start("[[listener]]\nbind = \"127.0.0.1:0\"\ndestination = \"127.0.0.1:\(port)\"\n\(more)")
    }

    static func parse(_ config: String) throws -> Config {
        try Config(
            parsing: "hostname = \"shim.test\"\nstate = \"memory\"\n" + config, path: "test.toml", quirks: StandardQuirks.descriptions, hostname: "x")
    }

    init(
        _ config: Config, trust: TLSTrust = .system, catalogue: [any Quirk] = StandardQuirks.catalogue, descriptor: Int32,
        inheritance: Inheritance = Inheritance()
    ) {
        let journal = Journal()
        self.journal = journal
        let log = Log(descriptor: descriptor) { journal.add($0) }
        self.proxy = Proxy(config, catalogue: catalogue, trust: trust, log: log, inheritance: inheritance)
        let group = ServiceGroup(services: [self.proxy], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        self.group = group
        self.running = Task { try await group.run() }
    }

    var port: Int { get async { await self.proxy.listening.first?.address.port ?? 0 } }

    func gateway() async throws -> Gateway { try Gateway(port: await self.port) }

    /// Greeted, and past EHLO.
    func greetedGateway() async throws -> Gateway {
        let gateway = try await self.gateway()
        #expect(await gateway.reply()?.prefix(3) == "220")
        #expect(await gateway.ask("EHLO gateway.test")?.prefix(3) == "250")
        return gateway
    }

    func beginStop() async { await self.group.triggerGracefulShutdown() }
    func hasStopped() async throws { try await self.running.value }

    func stop() async throws {
        await self.beginStop()
        try await self.hasStopped()
    }

    /// Until no session is left, or so long.
    func isQuiet(within time: Duration = .seconds(20)) async -> Bool {
        let end = ContinuousClock.now + time
        while self.proxy.sessionCount > 0 {
            guard ContinuousClock.now < end else { return false }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return true
    }
}
