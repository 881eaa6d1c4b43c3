import AdminProtocol
import Foundation
import OddHost
import Testing

@testable import ProxyServer

/// The admin socket of a proxy in this process.
@Suite(.serialized) struct AdminTests {
    @Test func `status names listeners and checks`() async throws {
        let folder = try Folder()
        let rig = try await Rig.start(to: 9, "name = \"outbound\"\n[admin]\nsocket = \"\(folder.socket)\"")
        let status = try await folder.ask("status")
        #expect(
            status.members.map(\.name) == [
                "version", "hostname", "pid", "uptime", "state", "draining", "predecessors", "sessions", "listeners", "loops", "checks",
                "learned", "bypasses", "waiting", "recent",
            ])
        #expect(status["state"] == "ready" && status["hostname"] == "shim.test" && status["pid"] == .integer(Int(getpid())))
        #expect(status["listeners"].elements.map { $0["name"] } == ["outbound"])
        #expect(status["listeners"].elements.first?["accepting"] == true)
        #expect(status["loops"].elements.allSatisfy { $0["lag_ms"].real != nil } && !status["loops"].elements.isEmpty)
        #expect(status["checks"].elements.first?.members.map(\.name) == ["name", "subject", "state", "detail"])
        try await rig.stop()
        #expect(!FileManager.default.fileExists(atPath: folder.socket), "the file is gone with the process")
    }

    @Test func `what others report counts`() async throws {
        let folder = try Folder()
        let rig = try await Rig.start(to: 9, "[admin]\nsocket = \"\(folder.socket)\"")
        rig.proxy.health.report(HealthCheck("redirect rules", .warn, "IPv6 missing"), goodFor: 60)
        #expect(try await folder.ask("status")["state"] == "degraded")
        rig.proxy.health.report(HealthCheck("redirect rules", .fail, "none"), goodFor: 60)
        #expect(try await folder.ask("status")["state"] == "not-serving")
        rig.proxy.health.report(HealthCheck("redirect rules", .ok, "IPv4, IPv6"), goodFor: -1)
        let stale = try await folder.ask("status")
        #expect(stale["state"] == "degraded", "not said again in time")
        try await rig.stop()
    }

    @Test func `only owner and group may connect`() async throws {
        let folder = try Folder()
        let rig = try await Rig.start(to: 9, "[admin]\nsocket = \"\(folder.socket)\"")
        let mode = try FileManager.default.attributesOfItem(atPath: folder.socket)[.posixPermissions] as? Int
        #expect(mode == 0o660)
        try await rig.stop()
    }

    @Test func `a stale socket is replaced, one in use is not`() async throws {
        let folder = try Folder()
        let stale = try AdminSocket(path: folder.socket, replacing: .stale)
        close(stale.descriptor)
        let rig = try await Rig.start(to: 9, "[admin]\nsocket = \"\(folder.socket)\"")
        #expect(throws: AdminSocket.Failure(because: "another process listens there")) {
            try AdminSocket(path: folder.socket, replacing: .stale)
        }
        #expect(try await folder.ask("status")["state"] == "ready")
        // The successor's takes its place, and is not taken away by the old one.
        let successor = try AdminSocket(path: folder.socket, replacing: .any)
        try await rig.stop()
        #expect(FileManager.default.fileExists(atPath: folder.socket))
        close(successor.descriptor)
    }

    /// SIGTERM, and a successor at once: it must not fail at the socket after its listeners were open.
    @Test func `the socket of one that drains goes to its successor`() async throws {
        let folder = try Folder()
        let host = try await OddHost.start()
        let old = try await Rig.start(to: host.port, "[admin]\nsocket = \"\(folder.socket)\"")
        let busy = try await old.greetedGateway()
        for command in ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA"] { _ = await busy.ask(command) }
        await old.beginStop()
        #expect(await old.journal.first("stopping") != nil)
        #expect(try await folder.ask("status")["draining"] == true)
        let new = try await Rig.start(to: host.port, "[admin]\nsocket = \"\(folder.socket)\"")
        #expect(await new.journal.first("admin-listening", within: .seconds(5)) != nil, "\(new.journal.lines.map(\.event))")
        #expect(try await folder.ask("status")["draining"] == false)
        await busy.send("Subject: x\r\n\r\nx\r\n.\r\n")
        #expect(await busy.reply()?.prefix(3) == "250")
        #expect(await busy.reply()?.prefix(3) == "421")
        busy.endOutput()
        try await old.hasStopped()
        #expect(try await folder.ask("status")["state"] == "ready", "the old one leaves it alone")
        try await new.stop()
        await host.shutdown()
    }

    @Test func `what is no socket is left alone`() throws {
        let folder = try Folder()
        try Data("x".utf8).write(to: URL(filePath: folder.socket))
        #expect(throws: AdminSocket.Failure.self) { try AdminSocket(path: folder.socket, replacing: .any) }
        #expect(try Data(contentsOf: URL(filePath: folder.socket)) == Data("x".utf8))
    }

    @Test func `unknown commands and nonsense are refused, and the connection goes on`() async throws {
        let folder = try Folder()
        let rig = try await Rig.start(to: 9, "[admin]\nsocket = \"\(folder.socket)\"")
        let answers = try await blocking { [path = folder.socket] in
            let client = try AdminClient(path: path)
            let first = Result { try client.ask(AdminRequest("statsu")) }
            let second = Result { try client.ask(AdminRequest("status")) }
            return (first, second)
        }
        #expect(throws: AdminFailure(.usage, "unknown command \"statsu\"; did you mean \"status\"?")) { try answers.0.get() }
        #expect(try answers.1.get()["state"] == "ready")
        try await rig.stop()
    }

    @Test func `a request that does not end is bounded`() async throws {
        let folder = try Folder()
        let rig = try await Rig.start(to: 9, "[admin]\nsocket = \"\(folder.socket)\"")
        let long = AdminRequest("status", [.init("x", .string(String(repeating: "y", count: AdminRequest.longest)))])
        await #expect(throws: AdminFailure.self) { try await folder.ask(long) }
        try await rig.stop()
    }

    @Test func `at most 32 at once`() async throws {
        let folder = try Folder()
        let rig = try await Rig.start(to: 9, "[admin]\nsocket = \"\(folder.socket)\"")
        let path = folder.socket
        try await blocking {
            var open: [CInt] = []
            defer { for descriptor in open { close(descriptor) } }
            for _ in 0..<AdminServer.mostConnections { open.append(try Self.connect(path)) }
            usleep(200_000)
            #expect(throws: AdminFailure.self) { try AdminClient(path: path).ask(AdminRequest("status")) }
        }
        try await rig.stop()
    }

    @Test func `a socket that nobody wrote and cannot be is a line in the log, a written one ends it`() async throws {
        let written = Rig(
            try Rig.parse("[[listener]]\nbind = \"127.0.0.1:0\"\ndestination = \"127.0.0.1:9\"\n[admin]\nsocket = \"/nowhere/at/all.sock\""),
            descriptor: open("/dev/null", O_WRONLY))
        await #expect(throws: (any Error).self) { try await written.hasStopped() }
        #expect(await written.journal.first("bind-failed")?.text.contains("listener=admin bind=/nowhere/at/all.sock") == true)
    }

    private static func connect(_ path: String) throws -> CInt {
        var address = try #require(UnixAddress(path))
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        try #require(address.connect(descriptor) == 0)
        return descriptor
    }
}

/// A folder for a socket, which goes with it.
final class Folder: Sendable {
    let path: String

    init() throws {
        self.path = FileManager.default.temporaryDirectory.appending(path: "shim-\(UInt32.random(in: 0 ... .max))").path
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    var socket: String { "\(self.path)/admin.sock" }

    func ask(_ request: AdminRequest) async throws -> JSON {
        try await blocking { [socket] in try AdminClient(path: socket).ask(request) }
    }

    func ask(_ command: String, _ arguments: JSON.Member...) async throws -> JSON { try await self.ask(AdminRequest(command, arguments)) }
}

/// Runs what blocks its thread where nothing else waits.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
}
