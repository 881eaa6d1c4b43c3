import QuirkKit
import Testing

@testable import Rules

@Suite struct PrecedenceTests {
    private let rules = """
        [default]
        connections = 100
        pause = "100ms"
        tls = "required"
        [domain."example.com"]
        connections = 1
        [domain."*.example.com"]
        connections = 2
        [domain."*.mail.example.com"]
        connections = 3
        [domain."a.mail.example.com"]
        connections = 4
        [host."*.example.net"]
        connections = 10
        [host."mx.example.net"]
        connections = 11
        [address."192.0.2.0/24"]
        connections = 20
        [address."192.0.2.0/25"]
        connections = 21
        [address."192.0.2.1"]
        connections = 22
        [address."192.0.2.1/32"]
        port = 587
        connections = 23
        [address."0.0.0.0/0"]
        port = 2525
        connections = 24
        [address."2001:db8::/32"]
        connections = 30
        """

    struct Case: Sendable {
        let address: String?, port: Int?, host: String?, domains: [String], connections: Int

        init(_ connections: Int, address: String? = nil, port: Int? = nil, host: String? = nil, domains: [String] = []) {
            (self.connections, self.address, self.port, self.host, self.domains) = (connections, address, port, host, domains)
        }
    }

    @Test(
        "The most specific table wins",
        arguments: [
            Case(100), Case(100, address: "203.0.113.1"), Case(100, host: "example.net"), Case(100, domains: ["example.org"]),
            Case(1, domains: ["example.com"]), Case(1, domains: ["EXAMPLE.com."]), Case(2, domains: ["b.example.com"]),
            Case(2, domains: ["mail.example.com"]),
            Case(2, domains: ["c.b.example.com"]), Case(3, domains: ["b.mail.example.com"]), Case(4, domains: ["a.mail.example.com"]),
            Case(3, domains: ["x.a.mail.example.com"]), Case(100, domains: ["notexample.com"]), Case(100, domains: ["com"]),
            Case(3, domains: ["example.com", "b.mail.example.com"]), Case(3, domains: ["b.mail.example.com", "example.com"]),
            Case(10, host: "a.example.net", domains: ["a.mail.example.com"]), Case(11, host: "MX.example.net", domains: ["example.com"]),
            Case(10, host: "a.mx.example.net"),
            Case(20, address: "192.0.2.200", host: "mx.example.net"), Case(21, address: "192.0.2.2"), Case(22, address: "192.0.2.1"),
            Case(22, address: "192.0.2.1", port: 25), Case(23, address: "192.0.2.1", port: 587), Case(23, address: "::ffff:192.0.2.1", port: 587),
            Case(24, address: "203.0.113.1", port: 2525), Case(22, address: "192.0.2.1", port: 2525),
            Case(11, address: "203.0.113.1", port: 25, host: "mx.example.net"), Case(24, address: "203.0.113.1", port: 2525, host: "mx.example.net"),
            Case(30, address: "2001:db8::1", port: 2525), Case(100, address: "2001:db9::1", port: 2525),
        ])
    func mostSpecific(_ one: Case) throws {
        let rules = try futureConfig(self.rules).rules
        let resolved = rules.resolve(address: one.address.flatMap { IPAddress($0) }, port: one.port, host: one.host, domains: one.domains)
        #expect(resolved.connections?.value == one.connections)
        #expect(resolved.pause?.value == 100)
        #expect(resolved.tls.value == .required)
    }

    @Test("Random ranges: the table that wins is the longest that contains the address")
    func longestPrefix() {
        var random = SeededRandom(seed: 7)
        var table = AddressTable()
        var ranges: [AddressRange] = []
        for line in 1...300 {
            let range = AddressRange(
                IPAddress(.v4, UInt128(UInt32.random(in: 0...0xffff, using: &random))), prefixLength: Int.random(in: 14...32, using: &random))
            guard table.twin(of: range, port: nil) == nil else { continue }
            table.insert(Rule(source: Source(table: range.description, line: line, stage: .connect)), for: range)
            ranges.append(range)
        }
        for _ in 0..<500 {
            let address = IPAddress(.v4, UInt128(UInt32.random(in: 0...0xffff, using: &random)))
            let expected = ranges.filter { $0.contains(address) }.sorted { $0.prefixLength > $1.prefixLength }.map(\.description)
            #expect(table.matches(address, port: 25).map(\.source.table) == expected)
        }
    }

    @Test("tls: the strictest of the tables wins, default fills the gap")
    func strictest() throws {
        let words = ["off", "opportunistic", "passthrough", "required", "implicit", "verified", "dane"]
        for (first, address) in words.enumerated() {
            for (second, domain) in words.enumerated() {
                let names = address == "verified" ? "names = [\"mx.example.com\"]\n" : ""
                let text =
                    "[default]\ntls = \"dane\"\n[address.\"192.0.2.1\"]\ntls = \"\(address)\"\n\(names)[domain.\"example.com\"]\ntls = \"\(domain)\"\n"
                let rules = try futureConfig(text).rules
                let both = rules.resolve(address: IPAddress("192.0.2.1"), port: 25, host: nil, domains: ["example.com"]).tls
                #expect(both.value.word == words[max(first, second)])
                #expect(both.source.stage == (first >= second ? .connect : .rcpt))
                #expect(rules.resolve(address: IPAddress("192.0.2.1"), port: 25, host: nil, domains: []).tls.value.word == address)
                #expect(rules.resolve(address: nil, port: nil, host: nil, domains: []).tls.value == .dane)
            }
        }
    }

    @Test("Without any table: opportunistic TLS, nothing applied, from the built-in defaults")
    func nothing() throws {
        let resolved = try config("").rules.resolve(address: IPAddress("192.0.2.1"), port: 25, host: "mx.example.com", domains: ["example.com"])
        #expect(resolved == Resolved())
        #expect(resolved.tls.value == .opportunistic)
        #expect(resolved.tls.source.isBuiltIn)
        #expect(!resolved.bypass.value && resolved.bypass.source.isBuiltIn)
        #expect(resolved.connections == nil && resolved.pause == nil)
    }

    @Test("The names to verify come with the table that wins")
    func names() throws {
        let text = """
            [address."192.0.2.0/24"]
            tls = "verified"
            names = ["A.example.com"]
            [address."192.0.2.1"]
            tls = "verified"
            names = ["B.example.com", "c.example.com."]
            [host."mx.example.com"]
            tls = "verified"
            """
        let rules = try futureConfig(text).rules
        #expect(
            rules.resolve(address: IPAddress("192.0.2.1"), port: 25, host: "mx.example.com", domains: []).tls.value
                == .verified(names: ["b.example.com", "c.example.com"]))
        #expect(rules.resolve(address: nil, port: nil, host: "mx.example.com", domains: []).tls.value == .verified(names: []))
    }
}
