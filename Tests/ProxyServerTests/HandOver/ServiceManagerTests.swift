import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import ProxyServer

/// What a service manager hears (sd_notify(3)).
@Suite struct ServiceManagerTests {
    /// The other end: a datagram socket.
    final class Ear: Sendable {
        let path = "/tmp/mailshim-notify-\(UUID().uuidString.prefix(8))"
        private let file: Int32

        init() throws {
            self.file = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: self.path.utf8) }
            let file = self.file
            let bound = withUnsafeBytes(of: &address) {
                bind(file, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
            try #require(bound == 0)
        }

        deinit {
            close(self.file)
            unlink(self.path)
        }

        /// The next, with the file that came with it.
        func received() -> (text: String, file: Int32?) {
            var octets = [UInt8](repeating: 0, count: 4096)
            var control = [UInt8](repeating: 0, count: 64)
            let count = octets.withUnsafeMutableBytes { octets in
                control.withUnsafeMutableBytes { control in
                    var part = iovec(iov_base: octets.baseAddress, iov_len: octets.count)
                    return withUnsafeMutablePointer(to: &part) { part in
                        var message = msghdr()
                        (message.msg_iov, message.msg_iovlen) = (part, 1)
                        (message.msg_control, message.msg_controllen) = (control.baseAddress, control.count)
                        let count = recvmsg(self.file, &message, Int32(MSG_DONTWAIT))
                        return message.msg_controllen >= 20 ? count : -max(0, count)
                    }
                }
            }
            let file = control.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 16, as: Int32.self) }
            return (String(decoding: octets.prefix(abs(count)), as: UTF8.self), count > 0 ? file : nil)
        }

        /// All that was said since; waits for the first.
        func heard(within seconds: Double = 10) async -> [String] {
            var heard: [String] = []
            let end = ContinuousClock.now + .seconds(seconds)
            while ContinuousClock.now < end {
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = recv(self.file, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                if count > 0 {
                    heard.append(String(decoding: buffer.prefix(count), as: UTF8.self))
                } else if heard.isEmpty {
                    try? await Task.sleep(for: .milliseconds(5))
                } else {
                    break
                }
            }
            return heard
        }
    }

    @Test func statementsAreLines() async throws {
        let ear = try Ear()
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": ear.path])
        manager.tell(.mainProcess(12), .ready, .status("3 sessions\nand more"))
        #expect(await ear.heard() == ["MAINPID=12\nREADY=1\nSTATUS=3 sessions and more"])
        manager.tell(.reloading)
        let line = await ear.heard().first ?? ""
        #expect(line.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") && Int(line.split(separator: "=").last ?? "") != nil)
    }

    @Test func aSocketIsKeptAndForgotten() throws {
        let ear = try Ear()
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": ear.path])
        let socket = try ListeningSocket(at: SocketAddress(ipAddress: "127.0.0.1", port: 0), isTransparent: false)
        let name = PassedSockets.name(of: "out bound", at: try SocketAddress(ipAddress: "::1", port: 25))
        #expect(name == "out_bound@[__1]_25")
        manager.keep(socket, as: name)
        let kept = ear.received()
        #expect(kept.text == "FDSTORE=1\nFDNAME=\(name)\nFDPOLL=0")
        let passed = try ListeningSocket(adopting: try #require(kept.file))
        #expect(passed.address == socket.address && passed.descriptor != socket.descriptor)
        manager.forget(name)
        #expect(ear.received() == ("FDSTOREREMOVE=1\nFDNAME=\(name)", nil))
    }

    @Test func whereNobodyListensNothingHappens() {
        ServiceManager().tell(.ready)
        for path in ["", "relative", "/nowhere/at/all", "/" + String(repeating: "x", count: 200)] {
            ServiceManager(environment: ["NOTIFY_SOCKET": path]).tell(.ready)
        }
    }

    @Test(arguments: [
        (["WATCHDOG_USEC": "30000000"], Duration.seconds(30)), (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"], nil),
        (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "x"], nil), ([:], nil),
    ])
    func theWatchdogIsOursOrNot(_ environment: [String: String], _ expected: Duration?) {
        #expect(ServiceManager(environment: environment).watchdog == expected)
    }

    /// A loop that is stuck stops it.
    @Test func theHeartbeatGoesThroughEveryLoop() async throws {
        let ear = try Ear()
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": ear.path, "WATCHDOG_USEC": "60000"])
        let heartbeat = Task { await Heartbeat(manager: manager, eventLoops: loops, isMain: { true }, status: { "" }).run() }
        #expect(await ear.heard().first == "WATCHDOG=1")
        let gate = DispatchSemaphore(value: 0)
        try #require(Array(loops.makeIterator()).last).execute { gate.wait() }
        try await Task.sleep(for: .milliseconds(100))
        _ = await ear.heard(within: 0.1)
        #expect(await ear.heard(within: 0.3) == [])
        gate.signal()
        #expect(await ear.heard().first == "WATCHDOG=1")
        heartbeat.cancel()
        await heartbeat.value
        try await loops.shutdownGracefully()
    }

    /// A successor says it from then on.
    @Test func whoIsNotMainAnyMoreIsSilent() async throws {
        let ear = try Ear()
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": ear.path, "WATCHDOG_USEC": "60000"])
        await Heartbeat(manager: manager, eventLoops: MultiThreadedEventLoopGroup.singleton, isMain: { false }, status: { "" }).run()
        #expect(await ear.heard(within: 0.05) == [])
    }
}
