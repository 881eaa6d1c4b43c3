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

    @Test("names are for tables that name the remote")
    func names() {
        #expect(
            mistakes(in: "[domain.\"example.com\"]\ntls = \"verified\"\nnames = [\"mx.example.com\"]") == [
                "c.toml:3:1: domain.\"example.com\".names: is not available in a domain table in this version; write it where the remote itself is named"
            ])
    }

    @Test("cleartext-auth")
    func cleartextAuth() throws {
        let listener = "[[listener]]\nbind = \"127.0.0.1:2525\"\ndestination = \"original\"\n"
        #expect(try config(listener).listeners.map(\.cleartextAuth) == [false])
        #expect(try config(listener + "cleartext-auth = true").listeners.map(\.cleartextAuth) == [true])
    }
}
