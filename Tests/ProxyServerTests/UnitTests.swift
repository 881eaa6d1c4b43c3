import Glibc
import NIOCore
import NIOEmbedded
import Rules
import Testing

@testable import ProxyServer

/// Small things of the shell, as equations.
struct UnitTests {
    @Test(arguments: [
        (ECONNREFUSED, "connection refused"), (EHOSTUNREACH, "no route to host"), (ENETUNREACH, "network is unreachable"), (ETIMEDOUT, "timed out"),
        (EADDRNOTAVAIL, "the source address is not available"), (EMFILE, "too many open files"),
    ])
    func connectFailuresInWords(number: Int32, words: String) {
        #expect(RemoteEndpoint.words(for: IOError(errnoCode: number, reason: "connect")) == words)
    }

    @Test func aConnectTimeOutSaysHowLong() {
        #expect(RemoteEndpoint.words(for: ChannelError.connectTimeout(.seconds(30))) == "timed out after 30s")
    }

    @Test(arguments: [(1024, 352), (20_000, 9_840), (1_048_576, 524_128), (8, 2), (0, 1)])
    func twoFilesMakeASession(files: Int, sessions: Int) {
        #expect(FileLimit.sessions(files: files) == sessions)
    }

    @Test(arguments: [("192.0.2.1", "192.0.2.1:25"), ("2001:db8::1", "[2001:db8::1]:25"), ("::ffff:192.0.2.1", "192.0.2.1:25")])
    func addressesAsTheyAreLogged(address: String, text: String) throws {
        #expect(try SocketAddress(ipAddress: address, port: 25).unmapped.text == text)
    }

    /// Made from the octets of a socket's address, as the system would write and read it.
    @Test(arguments: ["0.0.0.0", "9.10.99.100", "127.0.0.1", "192.0.2.1", "255.255.255.255", "::", "::1", "2001:db8::fe:1", "::ffff:192.0.2.1"])
    func anAddressOfASocket(text: String) throws {
        let address = try SocketAddress(ipAddress: text, port: 25)
        #expect(address.host == address.ipAddress)
        #expect(IPAddress(address) == IPAddress(text))
    }

    @Test func aLoopIsNoticedWhicheverEndIsKnownFirst() throws {
        let ends = LoopDetector.Ends(
            near: try SocketAddress(ipAddress: "192.0.2.1", port: 40_000), far: try SocketAddress(ipAddress: "192.0.2.2", port: 25))
        let mapped = LoopDetector.Ends(
            near: try SocketAddress(ipAddress: "::ffff:192.0.2.1", port: 40_000), far: try SocketAddress(ipAddress: "192.0.2.2", port: 25))
        let other = LoopDetector.Ends(
            near: try SocketAddress(ipAddress: "192.0.2.1", port: 40_000), far: try SocketAddress(ipAddress: "192.0.2.3", port: 25))
        let loopDetector = LoopDetector()
        #expect(loopDetector.went(ends))
        #expect(!loopDetector.came(mapped))
        #expect(loopDetector.came(other))
        loopDetector.ended(outgoing: ends)
        #expect(loopDetector.came(ends))
        #expect(!loopDetector.went(mapped))
        loopDetector.ended(incoming: ends)
        #expect(loopDetector.went(ends))
    }

    @Test func connectionsThatAwaitAFirstWordAreCountedByHost() throws {
        let loopDetector = LoopDetector()
        let (one, other) = (try SocketAddress(ipAddress: "192.0.2.1", port: 25), try SocketAddress(ipAddress: "192.0.2.2", port: 25))
        let gateway = try SocketAddress(ipAddress: "::ffff:192.0.2.1", port: 40_000)
        loopDetector.awaits(one)
        loopDetector.awaits(one)
        loopDetector.awaits(other)
        #expect(loopDetector.silent(to: gateway) == 2)
        loopDetector.heard(one)
        #expect(loopDetector.silent(to: gateway) == 1)
        loopDetector.heard(one)
        loopDetector.heard(one)
        #expect(loopDetector.silent(to: gateway) == 0 && loopDetector.silent(to: other) == 1)
    }

    @Test func sessionsAreCountedForEachGatewayWhateverItsPort() throws {
        let sessions = Sessions()
        let loop = EmbeddedEventLoop()
        let (one, two) = (try SocketAddress(ipAddress: "192.0.2.1", port: 1), try SocketAddress(ipAddress: "192.0.2.1", port: 2))
        let other = try SocketAddress(ipAddress: "192.0.2.2", port: 1)
        let handles = (0..<4).map { _ in SessionHandle(.next(), on: loop) }
        #expect(sessions.admit(handles[0], from: one, most: 3, mostPerGateway: 1) == .admitted)
        #expect(sessions.admit(handles[1], from: two, most: 3, mostPerGateway: 1) == .tooManyFromGateway)
        #expect(sessions.admit(handles[1], from: other, most: 2, mostPerGateway: 1) == .admitted)
        #expect(sessions.admit(handles[2], from: two, most: 2, mostPerGateway: 9) == .tooMany)
        sessions.remove(handles[0].id, from: two)
        sessions.remove(handles[0].id, from: two)
        #expect(sessions.count == 1)
        #expect(sessions.admit(handles[3], from: one, most: 2, mostPerGateway: 1) == .admitted)
    }
}
