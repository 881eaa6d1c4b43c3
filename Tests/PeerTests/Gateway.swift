import Foundation

/// A real mail server, set up to send everything it has queued to one port, over as few connections as it can.
enum Gateway: String, CaseIterable, CustomStringConvertible {
    case exim, postfix, opensmtpd, sendmail

    var description: String { self.rawValue }

    /// What became of the letters, as the gateway's own log and queue tell it. In letters, not recipients.
    struct Outcome {
        let bounced: Int
        let deferred: Int
        let left: Int
        /// From the start of delivery to the empty queue.
        let seconds: Double
        let log: String
    }

    /// TLS towards the next hop.
    enum Security: String {
        case clear
        /// Where it is offered.
        case opportunistic
        /// STARTTLS, or the mail stays.
        case required
        /// From the first byte.
        case implicit
    }

    struct Password {
        let user: String
        let secret: String
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Queues all letters first, then starts delivery and waits for the end of it.
    /// - Parameters:
    ///   - routes: which address takes the mail of a domain.
    ///   - retries: runs the queue again until it is empty or the limit is reached (deferred mail).
    ///   - concurrency: connections to one host at once, where the gateway would open several (Postfix).
    ///   - limit: seconds for all of it.
    ///   - security: what it demands of the connection; of Exim and Postfix only.
    ///   - password: what it says of itself there (AUTH PLAIN).
    ///   - recipe: more of its configuration: "routers" and "transports" of Exim, "transport" (a map) of Postfix, "config" of OpenSMTPD,
    ///     "mc" and "mailertable" of sendmail.
    func send(
        _ letters: [Letter], to routes: [String: String] = ["remote.test": "127.0.0.1"], port: Int, network: String? = nil, retries: Bool = false,
        concurrency: Int = 20, limit: Double = 90, security: Security = .clear, password: Password? = nil, recipe: [String: String] = [:]
    ) async throws -> Outcome {
        let scratch = try Scratch(self.rawValue)
        let queue = scratch.url.appending(path: "queue")
        try FileManager.default.createDirectory(at: queue, withIntermediateDirectories: true)
        for letter in letters {
            let name = String(format: "%05d", letter.number)
            try Data("\(letter.sender) \(letter.recipients.joined(separator: " "))\n".utf8).write(to: queue.appending(path: "\(name).envelope"))
            try Data(Data(letter.header.utf8) + Data("\n".utf8) + Data(letter.body)).write(to: queue.appending(path: "\(name).letter"))
        }
        try Data(routes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined().utf8).write(to: scratch.url.appending(path: "routes"))
        for (name, text) in recipe { try Data(text.utf8).write(to: scratch.url.appending(path: "recipe.\(name)")) }
        let job = try Job(
            GatewayScripts.all(self), in: scratch.url, isolated: true, network: network,
            environment: [
                "ME": "gateway.test", "NAME": self.rawValue, "PEERS": Peers.peers.path, "DIR": scratch.url.path, "PORT": String(port),
                "LIMIT": String(Int(limit - 10)), "RETRIES": retries ? "yes" : "no",
                "CONCURRENCY": String(concurrency), "TLS": security.rawValue, "AUTH": password.map { "\($0.user) \($0.secret)" } ?? "",
            ])
        let result = await job.result(within: limit)
        let log =
            (try? FileManager.default.contentsOfDirectory(at: scratch.url.appending(path: "log"), includingPropertiesForKeys: nil))?
            .compactMap { try? String(decoding: Data(contentsOf: $0), as: UTF8.self) }.joined(separator: "\n") ?? ""
        if let keep = ProcessInfo.processInfo.environment["PEER_LOGS"] {
            try? Data((result.output + log).utf8).write(to: URL(filePath: keep).appending(path: "\(self)-\(UUID().uuidString.prefix(4)).log"))
        }
        let numbers = result.output.split(separator: "\n").reduce(into: [Substring: Double]()) { numbers, line in
            let words = line.split(separator: " ")
            if words.count == 2, let number = Double(words[1]) { numbers[words[0]] = number }
        }
        guard result.status == 0, let bounced = numbers["bounced"], let deferred = numbers["deferred"], let left = numbers["left"],
            let seconds = numbers["seconds"]
        else {
            throw Failure(
                description:
                    "\(self): status \(result.status)\(result.timedOut ? ", timed out" : "")\n\(result.output.suffix(2000))\n\(log.suffix(4000))")
        }
        return Outcome(bounced: Int(bounced), deferred: Int(deferred), left: Int(left), seconds: seconds, log: log)
    }
}

extension Gateway.Outcome {
    var summary: String { "\(self.bounced) bounced, \(self.deferred) deferred, \(self.left) left, \(self.seconds) s" }
}
