import LearnedQuirks
import NIOCore
import QuirkKit
import Rules
import SMTPSession
import StandardQuirks
import Testing

@testable import ProxyServer

/// The session's notes, as the memory hears them.
@Suite struct KnowledgeTests {
    let memory = LearnedQuirks(location: .memory, policy: .init()) { _ in }
    let remote: RemoteFacts
    let resolver: PolicyResolver

    init() throws {
        self.remote = RemoteFacts(address: try SocketAddress(ipAddress: "192.0.2.1", port: 25))
        self.resolver = PolicyResolver(rules: RuleSet(), memory: self.memory, catalogue: Catalogue(StandardQuirks.catalogue))
    }

    /// A re-use speaks only against a limit that the connection went past.
    @Test(arguments: [(2, 5, 2), (5, 5, 2), (6, 5, 3)])
    func `how far a connection went`(mails: Int, messages: Int, needed: Int) throws {
        let setting = QuirkSetting("message-limit", ["messages": .integer(messages)])
        let finding = Finding(
            quirk: setting, sent: "MAIL FROM:<>", reply: "421 too many",
            counting: Counting(needed: 2, ending: .expires, doubt: .reuse(past: messages)))
        #expect(self.note(.reused(mails: mails)) == [])
        for _ in 1..<needed {
            #expect(self.note(.found(finding)) == [])
            #expect(self.resolver.policy(on: self.remote).profile.layers.map(\.setting) == [])
        }
        #expect(self.note(.found(finding)) == [])
        #expect(self.resolver.policy(on: self.remote).profile.layers.map(\.setting) == [setting])
    }

    /// What is asked anew for each next domain does not grow with their number.
    @Test func `a domain that brings no new rules is not asked about again`() throws {
        let config = try Rig.parse("[domain.\"*.example.com\"]\ntls = \"required\"\n[domain.\"example.org\"]\nquirks = [\"message-limit\"]")
        let resolver = PolicyResolver(rules: config.rules, memory: self.memory, catalogue: Catalogue(StandardQuirks.catalogue))
        var remote = self.remote
        for number in 0..<100 { resolver.add(domain: "d\(number).example.com", to: &remote) }
        resolver.add(domain: "example.org", to: &remote)
        resolver.add(domain: "example.net", to: &remote)
        #expect(remote.domains == ["d0.example.com", "example.org"])
        // Of what is no name only TLS is taken from that table.
        resolver.add(domain: "example.org(x)", to: &remote)
        resolver.add(domain: "x.example.com", to: &remote)
        #expect(remote.domains == ["d0.example.com", "example.org", "example.org(x)"])
        let profile = resolver.policy(on: remote).profile
        #expect(profile.tlsOfDomains.count == 102 && profile.tlsOfDomains["d99.example.com"] == TLSDemand(.required))
        #expect(profile.layers.map(\.setting.name) == ["message-limit"])
    }

    /// Without tables for hosts the name in a greeting changes nothing, so a session does not ask again when it comes.
    @Test func aGreetingMattersWhereThereAreTablesForHosts() throws {
        let texts = ["", "[default]\ntls = \"required\"\n[address.\"192.0.2.0/24\"]\nquirks = [\"message-limit\"]", "[domain.\"example.org\"]\ntls = \"off\""]
        for text in texts {
            let resolver = PolicyResolver(rules: try Rig.parse(text).rules, memory: self.memory, catalogue: Catalogue(StandardQuirks.catalogue))
            var greeted = self.remote
            greeted.greeting = "mx.example.net"
            #expect(!resolver.mindsGreetings)
            let (before, after) = (resolver.policy(on: self.remote), resolver.policy(on: greeted))
            #expect(before.profile == after.profile && before.terms == after.terms)
            var expectation = before.expectation
            expectation.greeting = "mx.example.net"
            #expect(expectation == after.expectation)
        }
        let rules = try Rig.parse("[host.\"*.example.net\"]\nquirks = [\"message-limit\"]").rules
        #expect(PolicyResolver(rules: rules, memory: self.memory, catalogue: Catalogue(StandardQuirks.catalogue)).mindsGreetings)
    }

    private func note(_ note: Note) -> [Event] { self.resolver.note(note, of: self.remote, session: .next()) }
}
