import Glibc
import NIOCore
import ProxyServer
import Rules
import StandardQuirks

/// A Mailshim of its own for a while, on any free port of loopback, that forgets everything afterwards.
enum TemporaryProxy {
    /// - Parameters:
    ///   - port: of the host on loopback that it sends to.
    ///   - overheard: hears its log, which is written nowhere.
    static func running<Result: Sendable>(
        to port: Int, _ overheard: Overheard, _ body: (SocketEndpoint) async throws -> Result
    ) async throws -> Result {
        var config = Config.builtIn(hostname: "shim.example")
        config.state = .memory
        config.timeouts.drain = 2
        config.admin.socket = nil
        config.listeners = [
            Listener(name: "demo", bind: [SocketEndpoint(host: "127.0.0.1", port: 0)], destination: .fixed(host: "127.0.0.1", port: port))
        ]
        let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(nowhere) }
        let log = Log(descriptor: nowhere) { overheard.hear($0) }
        let proxy = Proxy(config, catalogue: StandardQuirks.catalogue, log: log)
        let running = Task { try await proxy.run() }
        defer { running.cancel() }
        for _ in 0..<1000 {
            if let port = await proxy.listening.first?.address.port {
                let result = try await body(SocketEndpoint(host: "127.0.0.1", port: port))
                running.cancel()
                try? await running.value
                log.drain(milliseconds: 100)
                return result
            }
            if overheard.all.contains(where: { $0.event == "bind-failed" }) { break }
            try await Task.sleep(for: .milliseconds(5))
        }
        try await running.value
        throw CallFault.unreachable(["the proxy did not start"])
    }
}
