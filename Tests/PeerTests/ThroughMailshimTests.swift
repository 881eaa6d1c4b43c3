import OddHost
import Testing

extension Peers {
    /// The column "with Mailshim": every letter arrives once, whole, under its own sender, and the gateway sees nothing but success.
    @Suite(.enabled(if: Shim.obstacle == nil, Shim.reason)) struct ThroughMailshim {
        /// A host and its name in the report.
        struct Odd: Sendable, CustomTestStringConvertible {
            let name: String
            let behaviour: Behaviour
            var testDescription: String { self.name }

            init(_ name: String, _ shape: Shape, _ change: (inout Behaviour) -> Void = { _ in }) {
                self.name = name
                var behaviour = Behaviour(shape)
                change(&behaviour)
                self.behaviour = behaviour
            }
        }

        static let hosts = [
            Odd("healthy", .healthy),
            Odd("A: 503 until RSET", .stickySender()),
            Odd("A, at RCPT", .stickySender(refusing: .rcpt)),
            Odd("A, and takes what follows in the first sender's name", .stickySender()) { $0.keepsOldSender = true },
            Odd("B: 503 whatever RSET says", .noReuse()),
            Odd("B, RSET refused", .noReuse(reset: .refused("503 5.5.0 bad sequence"))),
            Odd("B, RSET closes", .noReuse(reset: .closes(saying: "421 4.0.0 bye"))),
            Odd("B, at DATA, without CHUNKING", .noReuse(refusing: .data)) { $0.offers = [Behaviour.keywords.filter { $0 != "CHUNKING" }] },
            Odd("B, and takes what follows in the first sender's name", .noReuse()) { $0.keepsOldSender = true },
            Odd("B, pool: every second connection lacks CHUNKING, PIPELINING and SIZE", .noReuse()) {
                $0.offers = [Behaviour.keywords, ["8BITMIME", "DSN", "SMTPUTF8"]]
            },
            Odd("D: 421 after 5", .limit(5)),
            Odd("D: 452 after 3", .limit(3, with: "452 4.3.1 Too many messages for this session")),
            Odd("E: closes after the data", .silence(after: 1)),
            Odd("E: closes at the next command after 2", .silence(after: 2, when: .atNextCommand(saying: nil))),
            Odd("E: 421 at the next command after 2", .silence(after: 2, when: .atNextCommand(saying: "421 4.4.2 closing"))),
        ]

        @Test(arguments: Gateway.allCases, hosts)
        func everyLetterArrives(_ gateway: Gateway, _ odd: Odd) async throws {
            let host = try await OddHost.start(odd.behaviour)
            let shim = try await Shim(to: "127.0.0.1:\(host.port)")
            let letters = Letter.make(40)
            let outcome = try await gateway.send(letters, port: shim.port)
            let counts = host.counts
            print(
                "\(gateway), \(odd.name), through Mailshim: \(counts.messages) arrived on \(counts.connections) connections, \(outcome.bounced) bounced, \(outcome.deferred) deferred, \(outcome.left) left, \(outcome.seconds) s"
            )
            #expect(outcome.bounced == 0 && outcome.deferred == 0 && outcome.left == 0, shim.tail)
            #expect(faults(of: letters, arrivedAs: host.messages) == [], shim.tail)
            #expect(host.misattributed == [], shim.tail)
            #expect(host.visits.flatMap(\.complaints) == [])
            #expect(await shim.stop(), shim.tail)
            await host.shutdown()
        }

        /// A refusal of `BDAT` comes when its octets have gone, so it cannot be repaired any more (law 2): the gateway keeps the
        /// letter and sends it again.
        @Test func aRefusalOfBDATCostsNoLetter() async throws {
            let host = try await OddHost.start(Behaviour(.noReuse(refusing: .data)))
            let shim = try await Shim(to: "127.0.0.1:\(host.port)")
            let letters = Letter.make(40)
            let outcome = try await Gateway.exim.send(letters, port: shim.port, retries: true)
            print(
                "exim, B, at BDAT, through Mailshim: \(host.counts.messages) arrived, \(outcome.bounced) bounced, \(outcome.deferred) deferred at first, \(outcome.left) left"
            )
            #expect(outcome.bounced == 0 && outcome.left == 0, shim.tail)
            #expect(faults(of: letters, arrivedAs: host.messages) == [], shim.tail)
            await shim.stop()
            await host.shutdown()
        }
    }
}
