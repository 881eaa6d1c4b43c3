import AdminProtocol
import Foundation
import OddHost
import Testing

@testable import ProxyServer

/// What the admin socket and HTTP say of mail that flows, and do to it.
@Suite(.serialized) struct AdminSessionTests {
    private static func start(_ host: OddHost, _ more: String = "") async throws -> (rig: Rig, folder: Folder) {
        let folder = try Folder()
        return (try await Rig.start(to: host.port, "name = \"outbound\"\n[admin]\nsocket = \"\(folder.socket)\"\n\(more)"), folder)
    }

    @Test func `a session is shown, found and ended`() async throws {
        let host = try await OddHost.start()
        let (rig, folder) = try await Self.start(host)
        let gateway = try await rig.greetedGateway()
        #expect(await gateway.message(from: "a@example.org") == Gateway.delivered)
        let sessions = try await folder.ask("sessions")
        let session = try #require(sessions["sessions"].elements.first)
        #expect(
            session.members.map(\.name) == [
                "session", "listener", "gateway", "remote", "host", "stage", "waits_for", "stage_seconds", "age_seconds", "messages", "connections",
                "quirks",
            ])
        #expect(session["listener"] == "outbound" && session["remote"] == .string("127.0.0.1:\(host.port)"))
        #expect(session["stage"] == "idle" && session["waits_for"] == "gateway" && session["messages"] == 1 && session["connections"] == 1)
        #expect(sessions["all"] == 1)
        #expect(try await folder.ask("sessions", .init("remote", "127.0.0.1"))["sessions"].elements.count == 1)
        #expect(try await folder.ask("sessions", .init("remote", "192.0.2.1"))["sessions"].elements.isEmpty)
        #expect(try await folder.ask("sessions", .init("older", 60))["sessions"].elements.isEmpty)
        await #expect(throws: AdminFailure.self) { try await folder.ask("sessions", .init("older", "x")) }

        let id = try #require(session["session"].string)
        #expect(try await folder.ask("kill", .init("session", .string(id)), .init("because", "a test"))["session"] == .string(id))
        #expect(await gateway.reply()?.prefix(3) == "421")
        #expect(rig.journal.lines("session-killed").first?.text.contains("because=\"a test\"") == true)
        gateway.endOutput()
        #expect(await rig.isQuiet())
        await #expect(throws: AdminFailure(.missing, "there is no session \(id)")) { try await folder.ask("kill", .init("session", .string(id))) }
        try await rig.stop()
        await host.shutdown()
    }

    @Test func `messages, repairs and sessions are counted`() async throws {
        let host = try await OddHost.start(Behaviour(.noReuse()))
        let (rig, folder) = try await Self.start(host, "http = \"127.0.0.1:0\"")
        let gateway = try await rig.greetedGateway()
        for _ in 0..<3 { #expect(await gateway.message(from: "a@example.org") == Gateway.delivered) }
        let metrics = try await folder.ask("metrics")["text"].string ?? ""
        func has(_ line: String) -> Bool { metrics.split(separator: "\n").contains { $0 == line } }
        #expect(has("mailshim_messages_total{listener=\"outbound\",outcome=\"accepted\",stage=\"content\"} 3"))
        #expect(has("mailshim_sessions_total{listener=\"outbound\"} 1"))
        #expect(has("mailshim_sessions_active{listener=\"outbound\",phase=\"idle\"} 1"))
        #expect(has("mailshim_sessions_waiting{for=\"gateway\"} 1") && has("mailshim_sessions_waiting{for=\"remote\"} 0"))
        #expect(has("mailshim_messages_saved_total{quirk=\"message-limit\",would=\"bounce\"} 1"))
        #expect(has("mailshim_remote_connections_total{kind=\"extra\",outcome=\"ok\"} 2"))
        #expect(has("mailshim_replies_total{origin=\"remote\",class=\"5xx\",command=\"mail\"} 0"))
        #expect(has("mailshim_learned_entries{quirk=\"message-limit\",origin=\"learned\"} 1"))
        #expect(has("mailshim_learned_events_total{quirk=\"message-limit\",event=\"learned\"} 1"))
        #expect(!metrics.contains("example.org") && !metrics.contains("127.0.0.1"))
        let status = try await folder.ask("status")
        #expect(status["recent"]["messages"]["accepted"] == 3 && status["recent"]["saved_from_bounce"] == 1)
        gateway.endOutput()
        #expect(await rig.isQuiet())
        let after = try await folder.ask("metrics")["text"].string ?? ""
        #expect(!after.split(separator: "\n").contains { $0.hasPrefix("mailshim_sessions_active") && !$0.hasSuffix(" 0") }, "each that began has ended")
        #expect(!after.split(separator: "\n").contains { $0.hasPrefix("mailshim_sessions_waiting") && !$0.hasSuffix(" 0") })
        try await rig.stop()
        await host.shutdown()
    }

    @Test func `a gateway that may not connect is counted`() async throws {
        let host = try await OddHost.start()
        let folder = try Folder()
        let rig = try await Rig.start(
            "[[listener]]\nname = \"o\"\nbind = \"127.0.0.1:0\"\ndestination = \"127.0.0.1:\(host.port)\"\nallow = [\"192.0.2.1\"]\n"
                + "[admin]\nsocket = \"\(folder.socket)\"")
        let gateway = try await rig.gateway()
        #expect(await gateway.reply()?.prefix(3) == "421")
        let metrics = try await folder.ask("metrics")["text"].string ?? ""
        #expect(metrics.contains("mailshim_gateway_sessions_refused_total{listener=\"o\",reason=\"not-allowed\"} 1\n"))
        gateway.endOutput()
        try await rig.stop()
        await host.shutdown()
    }

    /// A host that takes one message a connection, past which mail goes as it would without Mailshim.
    @Test func `a bypass holds for new sessions until it ends`() async throws {
        let host = try await OddHost.start(Behaviour(.noReuse()))
        let (rig, folder) = try await Self.start(host)
        let begun = try await folder.ask(
            "bypass", .init("remote", "127.0.0.1"), .init("seconds", 600), .init("because", "a test"))
        #expect(begun.members.map(\.name) == ["remote", "since", "until", "user", "because"])
        #expect(begun["remote"] == "127.0.0.1" && begun["because"] == "a test")
        #expect(try await folder.ask("status")["bypasses"].elements == [begun])
        let unread = try await rig.greetedGateway()
        #expect(await unread.message(from: "a@example.org") == Gateway.delivered)
        #expect(await unread.ask("MAIL FROM:<b@example.org>")?.prefix(3) == "503")
        #expect(rig.journal.lines("passthrough").first?.text.contains("because=bypass") == true)
        unread.endOutput()
        #expect(try await folder.ask("bypass-end", .init("remote", "127.0.0.1"))["remote"] == "127.0.0.1")
        #expect(try await folder.ask("bypasses")["bypasses"].elements.isEmpty)
        let read = try await rig.greetedGateway()
        for _ in 0..<2 { #expect(await read.message(from: "a@example.org") == Gateway.delivered) }
        read.endOutput()
        await #expect(throws: AdminFailure.self) { try await folder.ask("bypass-end", .init("remote", "127.0.0.1")) }
        await #expect(throws: AdminFailure.self) { try await folder.ask("bypass", .init("remote", "mx.example.com"), .init("seconds", 60)) }
        await #expect(throws: AdminFailure.self) { try await folder.ask("bypass", .init("remote", "127.0.0.1"), .init("seconds", 0)) }
        try await rig.stop()
        await host.shutdown()
    }

    /// Law 7: what is relayed unread nobody can vouch for.
    @Test func `a bypass does not hold where a rule demands TLS`() async throws {
        let host = try await OddHost.start()
        let (rig, folder) = try await Self.start(host, "[address.\"127.0.0.1\"]\ntls = \"required\"")
        _ = try await folder.ask("bypass", .init("remote", "127.0.0.1"), .init("seconds", 600))
        let gateway = try await rig.greetedGateway()
        #expect(rig.journal.lines("passthrough").isEmpty)
        gateway.endOutput()
        try await rig.stop()
        await host.shutdown()
    }

    // MARK: HTTP

    @Test func `health and metrics by HTTP`() async throws {
        let host = try await OddHost.start()
        let (rig, _) = try await Self.start(host, "http = \"127.0.0.1:0\"")
        let port = try #require(rig.proxy.http.address?.port)
        func ask(_ request: String) async throws -> String {
            let client = try Gateway(port: port)
            await client.send(request + "\r\nConnection: close\r\n\r\n")
            return await client.rest().text
        }
        #expect(try await ask("GET /livez HTTP/1.1\r\nHost: localhost").hasPrefix("HTTP/1.1 200 OK"))
        let ready = try await ask("GET /readyz HTTP/1.1\r\nHost: [::1]:2580")
        #expect(ready.hasPrefix("HTTP/1.1 200 OK") && ready.contains("ok listener outbound"))
        #expect(try await ask("GET /metrics?x=1 HTTP/1.1\r\nHost: 127.0.0.1:\(port)").contains("# TYPE mailshim_messages_total counter\n"))
        #expect(try await ask("HEAD /metrics HTTP/1.1\r\nHost: 127.0.0.1").hasSuffix("\r\n\r\n"))
        #expect(try await ask("GET / HTTP/1.1\r\nHost: localhost").hasPrefix("HTTP/1.1 404"))
        #expect(try await ask("POST /metrics HTTP/1.1\r\nHost: localhost").hasPrefix("HTTP/1.1 405"))
        #expect(try await ask("GET /metrics HTTP/1.1\r\nHost: evil.example").hasPrefix("HTTP/1.1 421"))
        #expect(try await ask("nonsense").hasPrefix("HTTP/1.1 400"))
        rig.proxy.health.report(HealthCheck("redirect rules", .fail, "none"), goodFor: 60)
        let notReady = try await ask("GET /readyz HTTP/1.1\r\nHost: localhost")
        #expect(notReady.hasPrefix("HTTP/1.1 503") && notReady.contains("fail redirect rules: none"))
        try await rig.stop()
        #expect(throws: (any Error).self) { try Gateway(port: port) }
        await host.shutdown()
    }
}
