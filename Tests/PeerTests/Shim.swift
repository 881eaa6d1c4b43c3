import Foundation
import Testing

/// The built `mailshim serve`, as an operator would start it, on a port of its own.
final class Shim {
    private let job: Job
    private let scratch: Scratch
    let port: Int

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
    convenience init(to destination: String, extra: String = "", state: String = "memory") async throws {
        let port = try Self.freePort()
        try await self.init(listeners: [("127.0.0.1", port, destination)], extra: extra, state: state)
    }

    /// Listeners: their address, port and destination.
    init(
        listeners: [(address: String, port: Int, destination: String)], extra: String = "", state: String = "memory", network: String? = nil
    ) async throws {
        self.scratch = try Scratch("shim")
        self.port = listeners.first?.port ?? 0
        let config = self.scratch.url.appending(path: "mailshim.toml")
        let tables = listeners.enumerated().map { index, listener in
            """
            [[listener]]
            name = "l\(index)"
            bind = "\(listener.address):\(listener.port)"
            destination = "\(listener.destination)"
            allow = ["127.0.0.0/8", "10.0.0.0/8"]

            """
        }
        try Data("hostname = \"shim.test\"\nstate = \"\(state)\"\n\n\(tables.joined(separator: "\n"))\n\(extra)\n".utf8).write(to: config)
        self.job = try Job("exec '\(Peers.binary.path)' serve --config '\(config.path)'", in: self.scratch.url, network: network)
        let end = ContinuousClock.now + .seconds(20)
        while !listeners.allSatisfy({ Self.listens($0.port, self.job.processIdentifier) }) {
            guard self.job.isRunning, ContinuousClock.now < end else {
                self.job.signal(SIGKILL)
                throw Failure(description: "mailshim serve does not listen:\n\(self.job.output)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    deinit { self.job.signal(SIGKILL) }

    var log: String { self.job.output }

    /// The log's last lines, for failures.
    var tail: Comment { Comment(rawValue: self.log.split(separator: "\n").suffix(25).joined(separator: "\n")) }

    /// Asks politely and waits; whether it went by itself, with status 0.
    @discardableResult
    func stop() async -> Bool {
        self.job.signal(SIGTERM)
        let result = await self.job.result(within: 20)
        return !result.timedOut && result.status == 0
    }

    /// Memory and threads gone at once, as in a power cut.
    func kill() async {
        self.job.signal(SIGKILL)
        _ = await self.job.result(within: 5)
    }

    /// A port that was free a moment ago.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0 }
        }
        guard bound else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    /// Whether something listens on the port in that process's network namespace. (A connection would be counted by the host.)
    private static func listens(_ port: Int, _ process: Int32) -> Bool {
        let wanted = ":" + String(port, radix: 16, uppercase: true).leftPadded(to: 4)
        return ["tcp", "tcp6"].contains { table in
            let text = (try? String(decoding: Data(contentsOf: URL(filePath: "/proc/\(process)/net/\(table)")), as: UTF8.self)) ?? ""
            return text.split(separator: "\n").contains { line in
                let words = line.split(separator: " ")
                return words.count > 3 && words[1].hasSuffix(wanted) && words[3] == "0A"
            }
        }
    }
}

extension String {
    fileprivate func leftPadded(to length: Int) -> String { String(repeating: "0", count: max(0, length - self.count)) + self }
}
