import NIOCore
import OddHost
import Testing

@testable import ProxyServer

/// Content that would be run as commands (law 8), through real sockets, in one segment and in several.
@Suite(.serialized) struct AheadOfItselfTests {
    static let beginning = "EHLO gateway.test\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<nobody@example.net>\r\nDATA\r\n"
    static let smuggled = "RSET\r\nMAIL FROM:<ceo@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\nQUIT\r\n"

    /// Longer than what is read ahead.
    static var long: String { String(repeating: "NOOP\r\n", count: 50_000) + Self.smuggled }

    static let scripts: [[String]] = [
        [beginning + smuggled], [beginning, smuggled], [String(beginning.dropLast()), "\r\n" + smuggled],
        [String(beginning.prefix(30)), beginning.dropFirst(30) + smuggled],
        [beginning + long], [beginning, long],
    ]

    @Test(arguments: scripts.indices)
    func contentIsNotRunAsCommands(_ number: Int) async throws {
        var behaviour = Behaviour()
        behaviour.exceptions = [.at(.rcpt, nil, connection: nil, .reply("550 5.1.1 no such user"))]
        let host = try await OddHost.start(behaviour)
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.gateway()
        for segment in Self.scripts[number] {
            await gateway.send(segment)
            try await Task.sleep(for: .milliseconds(50))
        }
        let (text, isReset) = await gateway.rest()
        #expect(!isReset)
        let lines = text.split(separator: "\r\n")
        #expect(lines.last?.hasPrefix("421 4.5.0 ") == true, "\(lines.suffix(3))")
        #expect(!lines.contains { $0.hasPrefix("221") })
        #expect(host.visits.flatMap(\.commands).filter { $0.hasPrefix("MAIL") } == ["MAIL FROM:<a@example.org>"])
        #expect(host.counts.messages == 0)
        gateway.endOutput()
        #expect(await rig.isQuiet())
        try await rig.stop()
        await host.shutdown()
    }

    @Test func aWholeSessionInOneSegmentGoesOnWorking() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.gateway()
        await gateway.send(
            "EHLO gateway.test\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\nRSET\r\n.\r\n"
                + "MAIL FROM:<c@example.org>\r\nRCPT TO:<d@example.net>\r\nDATA\r\nSubject: two\r\n\r\ntwo\r\n.\r\nQUIT\r\n")
        let (text, isReset) = await gateway.rest()
        #expect(!isReset)
        #expect(text.split(separator: "\r\n").last?.hasPrefix("221") == true)
        #expect(host.messages.map(\.sender) == ["a@example.org", "c@example.org"])
        gateway.endOutput()
        try await rig.stop()
        await host.shutdown()
    }

    @Test func anHTTPRequestEndsTheSession() async throws {
        let host = try await OddHost.start()
        let rig = try await Rig.start(to: host.port)
        let gateway = try await rig.gateway()
        await gateway.send("POST / HTTP/1.1\r\nHost: mx.example.net\r\nContent-Length: 1000\r\n\r\n" + Self.beginning + Self.smuggled)
        let lines = await gateway.rest().text.split(separator: "\r\n")
        #expect(lines.count == 2)
        #expect(lines.last?.hasPrefix("421 4.5.0 ") == true)
        #expect(host.counts.messages == 0)
        gateway.endOutput()
        try await rig.stop()
        await host.shutdown()
    }
}
