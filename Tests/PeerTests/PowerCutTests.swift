import Foundation
import OddHost
import Testing

extension Peers {
    /// The proxy dies without a word in the middle of a thousand messages.
    @Suite(.enabled(if: Shim.obstacle == nil, Shim.reason)) struct PowerCut {
        @Test func everyLetterArrivesAfterAll() async throws {
            let host = try await OddHost.start(Behaviour(.noReuse()), recording: .contents)
            let memory = try Scratch("memory")
            let state = memory.url.appending(path: "learned.sqlite").path
            let shim = try await Shim(to: "127.0.0.1:\(host.port)", state: state)
            let port = shim.port
            let letters = Letter.make(1000, largeEach: 100)
            async let sent = Gateway.postfix.send(letters, port: port, retries: true, limit: 150)
            #expect(await host.accepted(300, within: .seconds(90)))
            await shim.kill()
            let before = host.counts
            try await Task.sleep(for: .milliseconds(300))
            let next = try await Shim(to: "127.0.0.1:\(host.port)", port: port, state: state)
            let outcome = try await sent
            let messages = host.messages
            let copies = Dictionary(grouping: messages, by: \.sender).values.map { $0.count - 1 }.reduce(0, +)
            print(
                "kill -9 in the middle: \(before.messages) messages before it, \(messages.count) in all on \(host.counts.connections) connections, \(outcome.deferred) deferred for a while, \(outcome.bounced) bounced, \(copies) twice"
            )
            #expect(outcome.bounced == 0 && outcome.left == 0, next.tail)
            #expect(faults(of: letters, arrivedAs: messages, duplicatesAllowed: true) == [], next.tail)
            #expect(copies <= 20, "only where the last reply was lost: one for each connection that the gateway had open")
            await next.stop()
            await host.shutdown()
        }
    }
}
