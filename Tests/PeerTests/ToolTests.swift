import Foundation
import OddHost
import Testing

extension Peers {
    /// Postfix's test tools against the host: what the benchmark builds on.
    @Suite(.enabled(if: obstacle == nil, reason)) struct Tools {
        static var smtpSource: String { "LD_LIBRARY_PATH=\(peers.path)/postfix/usr/lib/postfix \(peers.path)/postfix/usr/sbin/smtp-source" }

        @Test(arguments: [false, true])
        func smtpSourceSendsToTheHost(reusing: Bool) async throws {
            let scratch = try Scratch("source")
            let host = try await OddHost.start(Behaviour(reusing ? .healthy : .noReuse()), recording: .counts)
            let clock = ContinuousClock()
            let start = clock.now
            let job = try Job("\(Self.smtpSource) \(reusing ? "-d" : "") -s 20 -m 2000 -l 4096 127.0.0.1:\(host.port)", in: scratch.url)
            let result = await job.result(within: 60)
            let seconds = (clock.now - start) / .seconds(1)
            print(
                "smtp-source, \(reusing ? "connections used again" : "a connection for each message"): \(Int(2000 / seconds)) messages a second to the host itself"
            )
            #expect(result.status == 0, "\(result.output)")
            #expect(host.counts.messages == 2000)
            await host.shutdown()
        }
    }
}
