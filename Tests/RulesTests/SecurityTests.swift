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
        let rules = try config(
            "[domain.\"example.com\"]\ntls = \"verified\"\nnames = [\"mx.example.com\", \"MX2.example.com\"]\n[domain.\"*.example.org\"]\ntls = \"verified\""
        ).rules
        #expect(Set(rules.namesOfDomains) == ["mx.example.com", "mx2.example.com"])
        #expect(
            rules.resolve(address: nil, port: nil, host: nil, domains: ["example.com"]).tls.value
                == .verified(names: ["mx.example.com", "mx2.example.com"]))
    }

    static let domains = """
        [domain."example.com"]
        tls = "required"
        [domain."bücher.example"]
        tls = "verified"
        names = ["mx.bücher.example"]
        [domain."xn--strae-oqa.example"]
        tls = "verified"
        [domain."off.example"]
        tls = "off"
        quirks = ["message-limit"]
        """

    /// Hosts that take SMTPUTF8 map a domain before they look it up.
    @Test(
        "A domain in another spelling meets its own demand",
        arguments: [
            ("example.com", 3), ("ｅxample.com", 3), ("example。com", 3), ("example.com。", 3), ("Ex\u{AD}ample．COM", 3), ("BÜCHER.example", 5),
            ("bu\u{308}cher。example", 5), ("xn--bcher-kva.example", 5), ("straße.example", 5), ("off.example", 0), ("ｏff.example", 0),
            ("other.example", 1), ("öther.example", 1), ("[192.0.2.1]", 1),
        ])
    func spellings(_ domain: String, _ strictness: Int) throws {
        let rules = try config(Self.domains).rules
        #expect(rules.resolve(address: nil, port: nil, host: nil, domains: [domain]).tls.value.strictness == strictness)
        #expect(rules.hasTable(for: domain) == (strictness != 1))
    }

    @Test(
        "What is no name meets the strictest demand of all domain tables, and nothing else of the table",
        arguments: [
            "ex\u{200D}ample.com", "\u{FFFD}example.com", "i❤.example", "exa＠mple.com", "example.com(here)", "(x)example.com", "ex\\ample.com",
            String(repeating: "ü", count: 64) + ".example",
        ])
    func unreadable(_ domain: String) throws {
        let rules = try config(Self.domains).rules
        let resolved = rules.resolve(address: nil, port: nil, host: nil, domains: [domain])
        #expect(resolved.tls.value == .verified(names: ["mx.xn--bcher-kva.example"]))
        #expect(resolved.tls.source.line == 3 && resolved.quirks == [] && rules.hasTable(for: domain))
        let all = rules.resolve(address: nil, port: nil, host: nil, domains: [domain, "off.example"])
        #expect(all.quirks.map(\.value.name) == ["message-limit"] && all.tls.source.line == 3)
        let lax = try config("[domain.\"example.com\"]\ntls = \"passthrough\"\n[domain.\"off.example\"]\ntls = \"off\"").rules
        #expect(lax.resolve(address: nil, port: nil, host: nil, domains: [domain]).tls.source.isBuiltIn && !lax.hasTable(for: domain))
    }

    @Test("What is relayed unread keeps no demand, so bypass gives way")
    func bypass() throws {
        let rules = try config(
            "[address.\"192.0.2.0/24\"]\ntls = \"required\"\n[address.\"192.0.2.1\"]\nbypass = true\n[address.\"198.51.100.1\"]\nbypass = true"
        ).rules
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
