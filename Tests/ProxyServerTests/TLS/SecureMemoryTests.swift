import Foundation
import OddHost
import Testing

/// Issue 3: at most 50 KB for an idle session with both legs encrypted.
@Suite(.serialized) struct SecureMemoryTests {
    /// KB that belong to the process alone. Not its share of what is shared, which grows when another process ends.
    private func memory(of process: Process) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/smaps_rollup", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("Anonymous:") }
        return try #require(line.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") })
    }

    @Test func anIdleSessionWithBothLegsEncryptedIsSmall() async throws {
        var behaviour = Behaviour()
        behaviour.tls = HostTLS(try Certificates.good.server())
        let host = try await OddHost.start(behaviour, recording: .counts)
        let path = "\(Certificates.folder)/memory-\(UUID().uuidString).toml"
        try """
        state = "memory"
        [[listener]]
        bind = "127.0.0.1:0"
        destination = "127.0.0.1:\(host.port)"
        [default]
        tls = "required"
        """.write(toFile: path, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "mailshim")
        process.arguments = ["serve", "--config", path]
        let log = Pipe()
        process.standardError = log
        try process.run()
        defer { process.terminate() }
        var text = ""
        while !text.contains("event=listening") {
            let bytes = log.fileHandleForReading.availableData
            try #require(!bytes.isEmpty)
            text += String(decoding: bytes, as: UTF8.self)
        }
        log.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
        let shim = try #require(text.split(separator: "bind=127.0.0.1:").last.flatMap { Int($0.prefix { $0.isNumber }) })

        let content = String(repeating: String(repeating: "x", count: 70) + "\r\n", count: 1_000)
        func session() async throws -> SecureGateway {
            let gateway = try await SecureGateway(port: shim)
            _ = await gateway.reply()
            _ = await gateway.hello()
            #expect(try await gateway.startTLS() != nil)
            _ = await gateway.hello()
            #expect(await gateway.codes(from: "a@example.org", content) == Gateway.delivered)
            return gateway
        }
        for _ in 0..<40 { try await session().close() }
        let before = try self.memory(of: process)
        var gateways: [SecureGateway] = []
        for _ in 0..<200 { gateways.append(try await session()) }
        let each = (try self.memory(of: process) - before) / gateways.count
        print("memory: \(each) KB a session with both legs encrypted")
        #expect(each <= 50, "\(each) KB a session")
        for gateway in gateways { gateway.close() }
        await host.shutdown()
    }
}
