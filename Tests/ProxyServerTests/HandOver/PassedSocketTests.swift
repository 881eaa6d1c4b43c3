import Foundation
import NIOCore
import Rules
import Testing

@testable import ProxyServer

/// Sockets that were opened for us (sd_listen_fds(3)), and the listeners of the config.
@Suite(.serialized) struct PassedSocketTests {
    private func opened(_ host: String = "127.0.0.1") throws -> ListeningSocket {
        try ListeningSocket(at: SocketAddress(ipAddress: host, port: 0), isTransparent: false)
    }

    /// As systemd passes them: from one number on, without a gap.
    private func passed(_ files: [Int32], names: [String]) throws -> PassedSockets {
        // Where no other test has files.
        let first = fcntl(files[0], F_DUPFD, Int32.random(in: 5_000..<9_000))
        for (index, file) in files.enumerated().dropFirst() { try #require(fcntl(file, F_DUPFD, first + Int32(index)) == first + Int32(index)) }
        return PassedSockets(from: first, count: files.count, names: names)
    }

    @Test func aSocketGoesToTheListenerThatBindsItsAddress() throws {
        let (one, two) = (try self.opened(), try self.opened("127.0.0.2"))
        let passed = try self.passed([one.descriptor, two.descriptor], names: ["a", "b"])
        let port = try #require(two.address.port)
        #expect(passed.take(SocketEndpoint(host: "127.0.0.1", port: port), of: "b") == nil)
        #expect(passed.take(SocketEndpoint(host: "127.0.0.2", port: port), of: "whatever")?.address == two.address)
        #expect(passed.take(SocketEndpoint(host: "127.0.0.2", port: port), of: "whatever") == nil)
        #expect(passed.takeRest().map(\.name) == ["a"])
        #expect(passed.takeRest().isEmpty && passed.wereAny)
    }

    @Test func port0IsWhicheverHasTheListenersName() throws {
        let socket = try self.opened()
        let passed = try self.passed([socket.descriptor], names: ["127.0.0.1_0"])
        #expect(passed.take(SocketEndpoint(host: "127.0.0.1", port: 0), of: "other") == nil)
        #expect(passed.take(SocketEndpoint(host: "127.0.0.1", port: 0), of: "127.0.0.1:0")?.address == socket.address)
    }

    @Test func whatIsNoListeningSocketIsSaidAndClosed() throws {
        let file = open("/dev/null", O_RDONLY)
        defer { close(file) }
        let unconnected = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(unconnected) }
        let passed = try self.passed([file, unconnected], names: ["null"])
        #expect(passed.unusable.map(\.name) == ["null", "unknown"])
        #expect(passed.takeRest().isEmpty)
    }

    /// One that is used, one that nobody wants, one that was not passed.
    @Test func aProxyListensOnThemAndSaysWhatDoesNotFit() async throws {
        let (wanted, unwanted) = (try self.opened(), try self.opened("127.0.0.2"))
        let port = try #require(wanted.address.port)
        let config = try Rig.parse(
            """
            [[listener]]
            name = "in"
            bind = ["127.0.0.1:\(port)", "127.0.0.3:0"]
            destination = "original"
            """)
        let inheritance = Inheritance(sockets: try self.passed([wanted.descriptor, unwanted.descriptor], names: ["in", "old"]))
        let rig = Rig(config, descriptor: open("/dev/null", O_WRONLY), inheritance: inheritance)
        #expect(await rig.journal.first("listening") != nil)
        #expect(await rig.journal.first("socket-unused")?.text.contains("socket=old address=127.0.0.2:\(unwanted.address.port ?? 0)") == true)
        #expect(rig.journal.lines("socket-unused").count == 1)
        #expect(rig.journal.lines("socket-not-passed").map { $0.text.contains("listener=in bind=127.0.0.3:0") } == [true])
        #expect(await rig.proxy.listening.map(\.address.port).contains(port))
        let gateway = try Gateway(port: port)
        #expect(await gateway.reply()?.hasPrefix("421 4.3.5") == true)
        gateway.endOutput()
        // The next ones are its own.
        await rig.proxy.reload(try Rig.parse("[[listener]]\nname = \"in\"\nbind = \"127.0.0.4:0\"\ndestination = \"original\""))
        #expect(rig.journal.lines("socket-not-passed").count == 1)
        try await rig.stop()
    }

    @Test func theQueueIsAsLongAsWithoutNIO() async throws {
        let rig = try await Rig.start(to: 9)
        let port = await rig.port
        let listed = try Namespaces.shell("ss -Hlnt 'sport = :\(port)'").split(separator: " ")
        #expect(listed.count > 2 && listed[2] == "1024", "\(listed)")
        try await rig.stop()
    }

    @Test func anIPv6SocketThatTakesIPv4TooIsRefused() async throws {
        let file = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(file) }
        var off: Int32 = 0
        setsockopt(file, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, 4)
        let any = try SocketAddress(ipAddress: "::", port: 0)
        try #require(any.withSockAddr { bind(file, $0, socklen_t($1)) } == 0 && listen(file, 1) == 0)
        let passed = try self.passed([file], names: ["in"])
        let config = try Rig.parse("[[listener]]\nname = \"in\"\nbind = \"[::]:0\"\ndestination = \"original\"")
        let rig = Rig(config, descriptor: open("/dev/null", O_WRONLY), inheritance: Inheritance(sockets: passed))
        await #expect(throws: BindFailure.self) { try await rig.hasStopped() }
        #expect(rig.journal.lines("bind-failed").map(\.text).joined().contains("BindIPv6Only=ipv6-only"))
    }
}
