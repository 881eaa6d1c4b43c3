import Foundation
import Testing

/// A real mail server as a healthy remote host on loopback; its processes are gone with this value.
final class HealthyHost {
    enum Kind: String, CaseIterable { case exim, postfix, opensmtpd, sendmail }

    private let scratch: Scratch
    private let job: Job
    let port: Int

    init(_ kind: Kind) async throws {
        self.scratch = try Scratch("healthy")
        self.port = try Ports.free()
        self.job = try Job(
            HealthyScripts.all(kind), in: self.scratch.url, isolated: true,
            environment: [
                "ME": "host.test", "NAME": kind.rawValue, "PEERS": Peers.peers.path, "DIR": self.scratch.url.path, "PORT": String(self.port),
            ])
        try await self.job.listens(on: self.port, as: kind.rawValue)
    }

    deinit { self.job.signal(SIGKILL) }

    func stop() async {
        self.job.signal(SIGKILL)
        _ = await self.job.result(within: 5)
    }
}
