import Foundation
import Testing

/// The built `mailshim serve`, as an operator would start it, on a port of its own.
final class Shim {
    private let job: Job
    private let scratch: Scratch
    private var whole: String?
    let port: Int
    let config: URL

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Why the binary cannot be tried, if it cannot.
    static let obstacle: String? = {
        if let obstacle = Peers.obstacle { return obstacle }
        guard FileManager.default.isExecutableFile(atPath: Peers.binary.path) else { return "\(Peers.binary.path) is not built" }
        let help = try? Job("exec '\(Peers.binary.path)' --help", in: FileManager.default.temporaryDirectory).resultNow(within: 20)
        return help?.output.contains("serve") == true ? nil : "\(Peers.binary.path) does not know `serve`"
    }()

    static var reason: Comment { Comment(rawValue: obstacle ?? "") }

    /// One listener, to one destination.
    convenience init(
        to destination: String, port: Int? = nil, listener: String = "", extra: String = "", state: String = "memory", authorities: String? = nil
    ) async throws {
        let port = try port ?? Ports.free()
        try await self.init(listeners: [("127.0.0.1", port, destination)], listener: listener, extra: extra, state: state, authorities: authorities)
    }

    /// - Parameters:
    ///   - listeners: their address, port and destination.
    ///   - listener: more of each listener's table.
    ///   - extra: more tables.
    ///   - authorities: a file with the certificates that it trusts, in place of the system's.
    init(
        listeners: [(address: String, port: Int, destination: String)], listener more: String = "", extra: String = "", state: String = "memory",
        network: String? = nil, authorities: String? = nil
    ) async throws {
        self.scratch = try Scratch("shim")
        self.port = listeners.first?.port ?? 0
        self.config = self.scratch.url.appending(path: "mailshim.toml")
        let tables = listeners.enumerated().map { index, listener in
            """
            [[listener]]
            name = "l\(index)"
            bind = "\(listener.address):\(listener.port)"
            destination = "\(listener.destination)"
            allow = ["127.0.0.0/8", "10.0.0.0/8"]
            \(more)

            """
        }
        try Data("hostname = \"shim.test\"\nstate = \"\(state)\"\n\n\(tables.joined(separator: "\n"))\n\(extra)\n".utf8).write(to: self.config)
        self.job = try Job(
            "exec '\(Peers.binary.path)' serve --config '\(self.config.path)'", in: self.scratch.url, network: network,
            environment: authorities.map { ["SSL_CERT_FILE": $0] } ?? [:])
        let end = ContinuousClock.now + .seconds(20)
        while !listeners.allSatisfy({ Ports.listens($0.port, self.job.processIdentifier) }) {
            guard self.job.isRunning, ContinuousClock.now < end else {
                self.job.signal(SIGKILL)
                throw Failure(description: "mailshim serve does not listen:\n\(self.job.output)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    deinit {
        self.job.signal(SIGKILL)
        if let keep = ProcessInfo.processInfo.environment["PEER_LOGS"] {
            try? Data(self.log.utf8).write(to: URL(filePath: keep).appending(path: "shim-\(self.port).log"))
        }
    }

    /// What it logged, also when it has ended.
    var log: String { self.whole ?? self.job.output }

    /// The log's last lines, for failures.
    var tail: Comment { Comment(rawValue: self.log.split(separator: "\n").suffix(25).joined(separator: "\n")) }

    /// Asks politely and waits; whether it went by itself, with status 0.
    @discardableResult
    func stop() async -> Bool {
        self.job.signal(SIGTERM)
        let result = await self.job.result(within: 20)
        self.whole = result.output
        return !result.timedOut && result.status == 0
    }

    /// Memory and threads gone at once, as in a power cut.
    func kill() async {
        self.job.signal(SIGKILL)
        self.whole = await self.job.result(within: 5).output
    }
}
