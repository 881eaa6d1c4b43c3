import Testing

@testable import Rules

@Suite struct ListenerTests {
    private func listener(_ lines: String, future: Bool = false) throws -> Listener {
        let text = "[[listener]]\n" + lines
        return try #require((future ? try futureConfig(text) : try config(text)).listeners.first)
    }

    @Test(
        "Destinations",
        arguments: [
            ("original", Destination.original), ("tproxy", .tproxy),
            ("192.0.2.1:25", .fixed(host: "192.0.2.1", port: 25)),
            ("mx.example.com:587", .fixed(host: "mx.example.com", port: 587)),
            ("MX.Example.Com.:25", .fixed(host: "mx.example.com", port: 25)),
            ("localhost:1", .fixed(host: "localhost", port: 1)),
            ("[2001:DB8:0::1]:65535", .fixed(host: "2001:db8::1", port: 65535)),
            ("[::ffff:192.0.2.1]:25", .fixed(host: "192.0.2.1", port: 25)),
            ("socks5", .socks5), ("proxy-protocol", .proxyProtocol), ("mx", .mx),
        ])
    func destinations(_ text: String, _ expected: Destination) throws {
        #expect(try self.listener("bind = \"127.0.0.1:2525\"\ndestination = \"\(text)\"", future: true).destination == expected)
    }

    @Test("Defaults: the name is the endpoint, loopback and this machine may connect, a certificate of its own")
    func defaults() throws {
        let listener = try self.listener("bind = \"[::]:0\"\ndestination = \"original\"")
        #expect(listener.name == "[::]:0")
        #expect(listener.bind == [SocketEndpoint(host: "::", port: 0)])
        #expect(listener.allow == AddressRange.loopback)
        #expect(listener.allowsThisMachine)
        #expect(listener.tls == .auto)
    }

    @Test("Several addresses: the name is the first")
    func severalAddresses() throws {
        let listener = try self.listener("bind = [\"127.0.0.1:2525\", \"[::1]:2525\"]\ndestination = \"original\"\nallow = [\"127.0.0.0/8\"]")
        #expect(listener.bind.map(\.description) == ["127.0.0.1:2525", "[::1]:2525"])
        #expect(listener.name == "127.0.0.1:2525")
        #expect(!listener.allowsThisMachine)
    }

    @Test(
        "TLS towards gateways",
        arguments: [
            ("\"off\"", ListenerTLS.off), ("\"auto\"", .auto(implicit: false)), ("{ implicit = true }", .auto(implicit: true)),
            ("{ certificate = \"a\", key = \"b\" }", .files(certificate: "a", key: "b", implicit: false)),
            ("{ certificate = \"a\", key = \"b\", implicit = true }", .files(certificate: "a", key: "b", implicit: true)),
        ])
    func tls(_ text: String, _ expected: ListenerTLS) throws {
        #expect(try self.listener("bind = \"127.0.0.1:2525\"\ndestination = \"original\"\ntls = \(text)", future: true).tls == expected)
    }

    @Test("Listeners that the system can bind side by side")
    func sideBySide() throws {
        let config = try config(
            """
            listener = [
              { bind = "127.0.0.1:2525", destination = "original" },
              { bind = "127.0.0.2:2525", destination = "original" },
              { bind = "[::]:2525", destination = "original" },
              { bind = "0.0.0.0:0", destination = "original" },
              { bind = "0.0.0.0:0", destination = "127.0.0.1:2526" },
            ]
            """)
        #expect(config.listeners.map(\.line) == [2, 3, 4, 5, 6])
    }
}
