import Dispatch
import Glibc
import LearnedQuirks
import NIOCore
import NIOPosix
import Rules
import SMTPSession
import Testing

@testable import ProxyServer

/// What becomes of connections when a listener closes.
@Suite(.serialized) struct DoorTests {
    /// The loop that accepts is quick, the one that half of the connections go to is busy: these are accepted and have no session yet when the listener
    /// closes. A server channel that just closes drops them: end of file in place of a greeting.
    @Test func whatWasAcceptedIsServed() async throws {
        let loopDetector = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let services = SharedServices(log: Log(descriptor: -1))
        let memory = LearnedQuirks(location: .memory, policy: LearnedQuirks.Policy(.builtIn(hostname: "shim.test"))) { _ in }
        let snapshot = ConfigSnapshot(
            settings: Settings(.builtIn(hostname: "shim.test")), catalogue: Catalogue([]),
            policies: PolicyResolver(rules: RuleSet(), memory: memory, catalogue: Catalogue([])), services: services)
        let listener = Listener(
            name: "x", bind: [SocketEndpoint(host: "127.0.0.1", port: 0)], destination: .original)
        let doors = Listeners(on: loopDetector, services: services)
        #expect(await doors.change(to: [listener], in: snapshot) == .done)
        let port = try #require(await doors.bound.first?.address.port)
        // The group's first loop accepts, and every second connection goes to the other.
        let busy = try #require(Array(loopDetector.makeIterator()).last)
        let gate = DispatchSemaphore(value: 0)
        busy.execute { gate.wait() }
        let gateways = try (0..<16).map { _ in try Gateway(port: port) }
        usleep(200_000)
        let closing = Task { await doors.closeAll() }
        usleep(200_000)
        gate.signal()
        await closing.value
        for gateway in gateways { #expect(await gateway.reply()?.hasPrefix("421 4.3.5") == true) }
        for gateway in gateways { gateway.endOutput() }
        try await loopDetector.shutdownGracefully()
    }
}
