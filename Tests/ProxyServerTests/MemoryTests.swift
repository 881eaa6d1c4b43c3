import Foundation
import OddHost
import Testing

/// A session at rest holds no receive buffers (measured: 78 to 194 KB with NIO's defaults, some 9 with `UnpooledReceive`).
@Suite(.serialized) struct MemoryTests {
    /// KB of a process, its share of what is shared.
    private func memory(of process: Process) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/smaps_rollup", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("Pss:") }
        return try #require(line.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") })
    }

    @Test func anIdleSessionIsSmallAlsoAfterABigMessage() async throws {
        let host = try await OddHost.start(recording: .counts)
        let port = host.port
        let path = "/tmp/mailshim-memory-\(UUID().uuidString).toml"
        try "state = \"memory\"\n[[listener]]\nname = \"x\"\nbind = \"127.0.0.1:0\"\ndestination = \"127.0.0.1:\(port)\"\n"
            .write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
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
        let bound = try #require(text.split(separator: "bind=127.0.0.1:").last?.prefix { $0.isNumber })
        let shim = try #require(Int(bound))

        let content = String(repeating: String(repeating: "x", count: 70) + "\r\n", count: 4_200)
        func session() async throws -> Gateway {
            let gateway = try Gateway(port: shim)
            _ = await gateway.reply()
            _ = await gateway.ask("EHLO x")
            #expect(await gateway.message(from: "a@example.org", content) == Gateway.delivered)
            return gateway
        }
        // What the process needs in any case, and what malloc keeps, is there after the first ones.
        for _ in 0..<40 { _ = try await session() }
        let before = try self.memory(of: process)
        var gateways: [Gateway] = []
        for _ in 0..<300 { gateways.append(try await session()) }
        let each = (try self.memory(of: process) - before) / gateways.count
        #expect(each < 30, "\(each) KB a session")  // malloc keeps some MB now and then; scripts/bench measures exactly
        await host.shutdown()
    }
}
