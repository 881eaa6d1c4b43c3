import Foundation
import Testing

extension Peers {
    /// `scripts/soak`, a short run of it: 500 faults on the legs, at the process and at its state, and a judge that is
    /// shown to bite.
    @Suite(.enabled(if: Shim.obstacle == nil, Shim.reason)) struct Soak {
        private func soak(_ arguments: String, within limit: Double) async throws -> Job.Result {
            let scratch = try Scratch("soak")
            let job = try Job(
                "exec '\(Peers.repository.path)/scripts/soak' \(arguments)", in: scratch.url,
                environment: ["MAILSHIM": Peers.binary.path, "TMPDIR": scratch.url.path])
            return await job.result(within: limit)
        }

        @Test func theJudgeFindsWhatIsPlanted() async throws {
            let result = try await self.soak("--self-test", within: 60)
            #expect(result.status == 0, "\(result.output)")
            #expect(!result.output.contains("MISSED") && result.output.contains("found  lost"), "\(result.output)")
        }

        /// The same through a whole run: hosts write down what did not happen.
        @Test func aWholeRunFindsWhatIsPlanted() async throws {
            let result = try await self.soak("--loopback --plant --faults 10 --seed 1 --seconds 20", within: 300)
            #expect(result.status == 1, "\(result.output)")
            for kind in ["lost", "doubled", "altered", "another's envelope", "clear text"] {
                #expect(result.output.contains("VIOLATION (\(kind))"), "\(kind) was not found\n\(result.output)")
            }
        }

        /// The differential property of SMTPSessionTests with real sockets.
        @Test(arguments: [("", 0), (" --plant", 1)] as [(String, Int32)])
        func noSessionFaresWorse(_ plant: String, _ status: Int32) async throws {
            let result = try await self.soak("--compare 100 --seed 20261128\(plant)", within: 300)
            print(result.output.split(separator: "\n").suffix(2).joined(separator: "\n"))
            #expect(result.status == status, "\(result.output)")
            #expect(result.output.contains("100 sessions twice"), "\(result.output)")
        }

        @Test func mailArrivesAsItShouldThroughFiveHundredFaults() async throws {
            let result = try await self.soak("--faults 500 --seed 20261128 --seconds 80", within: 500)
            print(result.output)
            #expect(result.status == 0, "\(result.output)")
            #expect(result.output.contains("violations: none"), "\(result.output)")
        }
    }
}
