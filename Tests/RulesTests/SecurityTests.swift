import Rules
import Testing

/// What the config says of TLS and AUTH beyond one word.
@Suite struct SecurityTests {
    @Test("implicit is kept where another table asks for more")
    func implicit() throws {
        let rules = try config("[address.\"192.0.2.1\"]\ntls = \"implicit\"\n[host.\"mx.example.com\"]\ntls = \"verified\"").rules
        let resolved = rules.resolve(address: IPAddress("192.0.2.1"), port: 465, host: "mx.example.com", domains: [])
        #expect(resolved.tls.value == .verified(names: []) && resolved.isImplicit)
        #expect(!rules.resolve(address: nil, port: nil, host: "mx.example.com", domains: []).isImplicit)
    }

    @Test("auth: the most specific table wins; not in domain tables")
    func auth() throws {
        let rules = try config("[default]\nauth = \"unverified\"\n[address.\"192.0.2.1\"]\nauth = \"verified\"").rules
        #expect(rules.resolve(address: nil, port: nil, host: nil, domains: []).authUnverified.value)
        #expect(!rules.resolve(address: IPAddress("192.0.2.1"), port: 25, host: nil, domains: []).authUnverified.value)
        #expect(
            mistakes(in: "[domain.\"example.com\"]\nauth = \"unverified\"\n[default]\nauth = \"never\"") == [
                "c.toml:2:1: domain.\"example.com\".auth: AUTH comes before any recipient; write it where the remote itself is named",
                "c.toml:4:8: default.auth: \"never\" is not one of \"verified\", \"unverified\"",
            ])
    }

    @Test("names of a domain's remotes")
    func names() throws {
        let rules = try config("[domain.\"example.com\"]\ntls = \"verified\"\nnames = [\"mx.example.com\", \"MX2.example.com\"]\n[domain.\"*.example.org\"]\ntls = \"verified\"").rules
        #expect(Set(rules.namesOfDomains) == ["mx.example.com", "mx2.example.com"])
        #expect(rules.resolve(address: nil, port: nil, host: nil, domains: ["example.com"]).tls.value == .verified(names: ["mx.example.com", "mx2.example.com"]))
    }

    @Test("What is relayed unread keeps no demand, so bypass gives way")
    func bypass() throws {
        let rules = try config("[address.\"192.0.2.0/24\"]\ntls = \"required\"\n[address.\"192.0.2.1\"]\nbypass = true\n[address.\"198.51.100.1\"]\nbypass = true").rules
        let demanding = rules.resolve(address: IPAddress("192.0.2.1"), port: 25, host: nil, domains: []).bypass
        #expect(!demanding.value && demanding.source.line == 1)
        #expect(rules.resolve(address: IPAddress("198.51.100.1"), port: 25, host: nil, domains: []).bypass.value)
    }

    @Test("cleartext-auth")
    func cleartextAuth() throws {
        let listener = "[[listener]]\nbind = \"127.0.0.1:2525\"\ndestination = \"original\"\n"
        #expect(try config(listener).listeners.map(\.cleartextAuth) == [false])
        #expect(try config(listener + "cleartext-auth = true").listeners.map(\.cleartextAuth) == [true])
    }
}
