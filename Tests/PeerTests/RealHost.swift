import Foundation
import Testing

/// A real mail server with TLS as the remote host, on loopback, with the processes that belong to it; all are gone with this value.
final class RealHost {
    enum Kind: String, CaseIterable {
        case exim, postfix, opensmtpd, sendmail

        /// Those that deliver what they take, with its envelope.
        static let delivering: [Kind] = [.exim, .postfix]
    }

    private let scratch: Scratch
    private let job: Job
    let port: Int

    /// - Parameters:
    ///   - extra: more lines of its configuration's main part.
    init(_ kind: Kind, _ identity: Certificates.Pair = Certificates.good, extra: String = "") async throws {
        self.scratch = try Scratch("host")
        self.port = try Ports.free()
        for (from, to) in [(identity.certificate, "host.crt"), (identity.key, "host.key")] {
            try FileManager.default.copyItem(atPath: from, toPath: self.scratch.url.appending(path: to).path)
        }
        self.job = try Job(
            HostScripts.all(kind), in: self.scratch.url, isolated: true,
            environment: [
                "ME": Certificates.name, "NAME": kind.rawValue, "PEERS": Peers.peers.path, "DIR": self.scratch.url.path, "PORT": String(self.port),
                "EXTRA": extra,
            ])
        try await self.job.listens(on: self.port, as: kind.rawValue) { self.log }
    }

    deinit { self.job.signal(SIGKILL) }

    /// Its own log, for failures too.
    var log: String {
        let logs = FileManager.default.enumerator(at: self.scratch.url.appending(path: "log"), includingPropertiesForKeys: nil)
        return (logs?.compactMap { $0 as? URL } ?? []).compactMap { try? String(decoding: Data(contentsOf: $0), as: UTF8.self) }.joined(
            separator: "\n")
    }

    /// What it delivered so far: a copy for each recipient.
    var arrivals: [Arrival] { self.files.compactMap { Arrival(delivered: $0) } }

    private var files: [URL] {
        (try? FileManager.default.contentsOfDirectory(at: self.scratch.url.appending(path: "mail/new"), includingPropertiesForKeys: nil)) ?? []
    }

    /// Waits until it delivered so many copies, or so long; whether it did.
    func delivered(_ count: Int, within time: Duration = .seconds(30)) async -> Bool {
        let end = ContinuousClock.now + time
        while self.files.count < count {
            guard ContinuousClock.now < end, (try? await Task.sleep(for: .milliseconds(20))) != nil else { return self.files.count >= count }
        }
        return true
    }

    func stop() async {
        self.job.signal(SIGKILL)
        _ = await self.job.result(within: 5)
    }
}
