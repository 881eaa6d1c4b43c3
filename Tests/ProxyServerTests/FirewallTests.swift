import Rules
import Testing

@testable import ProxyServer

/// `mailshim firewall` as text; that it works as printed is tried in network namespaces (NamespaceTests).
struct FirewallTests {
    /// This machine's own connections come from 10.9.9.9 and 2001:db8:9::9.
    private static let sources = OutgoingAddresses(["10.9.9.9", "2001:db8:9::9"].compactMap { IPAddress($0) })

    private func rules(_ destination: String, bind: String = "\"0.0.0.0:2525\"", allow: String?, user: String = "mailshim") throws -> FirewallRules {
        let allowing = allow.map { "allow = [\($0)]" } ?? ""
        let listener = "[[listener]]\nname = \"outbound\"\nbind = [\(bind)]\ndestination = \"\(destination)\"\n\(allowing)"
        return FirewallRules(try Rig.parse(listener), user: user, sources: Self.sources)
    }

    private static let both = "\"0.0.0.0:2525\", \"[::]:2525\""
    private static let syn = "tcp flags syn / fin,syn,rst,ack"

    @Test func withoutSuchListenersThereIsNothingToDo() throws {
        let rules = try self.rules("192.0.2.1:25", allow: "\"10.0.0.0/8\"")
        #expect(rules.areNone && rules.faults.isEmpty && rules.warnings.isEmpty)
        #expect(!rules.script.contains("nft"))
        #expect(rules.script.contains("nothing to do"))
    }

    @Test func redirectOnARouterWarnsThatRemotesSeeMailshim() throws {
        let rules = try self.rules("original", bind: Self.both, allow: "\"10.0.0.0/8\", \"2001:db8::/32\"")
        #expect(rules.warnings.count == 1)
        #expect(rules.warnings.first?.contains("remotes see this machine's address") == true)
        #expect(rules.script.contains("ip saddr { 10.0.0.0/8 } tcp dport 25 goto lead0"))
        #expect(rules.script.contains("ip6 saddr { 2001:db8::/32 } tcp dport 25 goto lead1"))
        #expect(rules.script.ranges(of: "\(Self.syn) counter name led0 redirect to :2525").count == 1)
        #expect(rules.script.contains("type nat hook prerouting priority -110;") && rules.script.contains("type nat hook output priority -110;"))
        #expect(rules.script.contains("meta skuid $own return"))
        #expect(!rules.script.contains("tproxy ip"))
        #expect(!rules.script.contains("rule add"))
    }

    @Test func tproxyKeepsTheGatewaysAddressAndNeedsRoutes() throws {
        let rules = try self.rules("tproxy", bind: Self.both, allow: "\"10.0.0.0/8\", \"2001:db8::/32\"")
        #expect(rules.warnings.isEmpty)
        #expect(rules.script.contains("\(Self.syn) tproxy ip to :2525 meta mark set 0x4d53 ct mark set ct mark and 0xffff0000 or 0x4d53 "))
        #expect(rules.script.contains("ct mark and 0xffff == 0x4d53 tproxy ip6 to :2525 meta mark set 0x4d53 accept"))
        #expect(rules.script.contains("ip -4 rule add fwmark 0x4d53 lookup 19795"))
        #expect(rules.script.contains("ip -6 route replace local ::/0 dev lo table 19795"))
        #expect(!rules.script.contains("rule del"), "sessions that are led need them all the time")
    }

    /// `check` and `firewall` say which mail goes past.
    @Test(arguments: [
        (
            "\"0.0.0.0:2525\"", "\"10.0.0.0/8\"",
            "IPv6 is not redirected: mail to IPv6 hosts goes past Mailshim; add \"[::]:2525\" to bind of listener outbound"
        ),
        (
            "\"[::]:2525\"", "\"fd00::/8\"",
            "IPv4 is not redirected: mail to IPv4 hosts goes past Mailshim; add \"0.0.0.0:2525\" to bind of listener outbound"
        ),
        ("\"0.0.0.0:2525\"", "\"10.0.0.0/8\", \"fd00::/8\"", "listener outbound: IPv6 is not redirected: bind has no IPv6 address"),
        (both, "\"10.0.0.0/8\"", "listener outbound: IPv6 is not redirected: allow has no IPv6 address, so nothing is led to [::]:2525"),
    ])
    func aFamilyThatIsNotRedirectedIsAWarning(_ bind: String, _ allow: String, _ words: String) throws {
        let rules = try self.rules("tproxy", bind: bind, allow: allow)
        #expect(
            rules.warnings.filter { $0.contains("not redirected") }.count == 1 && rules.warnings.contains { $0.contains(words) }, "\(rules.warnings)")
        #expect(rules.faults.isEmpty)
        #expect(rules.script.contains("echo 'mailshim firewall: warning: "))
    }

    @Test(arguments: [
        ("\"[::]:2525\"", "\"127.0.0.0/8\", \"10.0.0.0/8\"", "nothing is led to it: bind has IPv6 addresses alone, and allow has none"),
        ("\"0.0.0.0:2525\"", "\"127.0.0.0/8\"", "nothing is led to it: of IPv4 allow has loopback alone"),
    ])
    func aListenerThatContributesNoRuleIsAFault(_ bind: String, _ allow: String, _ words: String) throws {
        let rules = try self.rules("original", bind: bind, allow: allow)
        #expect(rules.faults.count == 1 && rules.faults.first?.contains(words) == true, "\(rules.faults)")
        #expect(rules.script.hasSuffix("exit 78\n}\n") && !rules.script.contains("nft"))
    }

    @Test func aGatewayOnThisMachineAloneNeedsNoWarning() throws {
        for allow in [nil, "\"127.0.0.0/8\", \"::1\", \"10.9.9.9\", \"2001:db8:9::9\""] {
            let rules = try self.rules("original", bind: "\"127.0.0.1:2525\", \"[::1]:2525\"", allow: allow)
            #expect(rules.warnings.isEmpty && rules.faults.isEmpty, "\(rules.warnings)")
            #expect(
                rules.script.contains(allow == nil ? "meta nfproto ipv4 tcp dport 25 goto lead0" : "ip saddr { 10.9.9.9 } tcp dport 25 goto lead0"))
            #expect(!rules.script.contains("prerouting"))
        }
    }

    /// What `allow` would refuse is not led to it.
    @Test func anAllowWithoutThisMachinesAddressesIsAWarning() throws {
        let rules = try self.rules("original", bind: Self.both, allow: "\"127.0.0.0/8\", \"::1\", \"192.168.0.0/16\", \"fd00::/8\"")
        #expect(rules.warnings.filter { $0.contains("allow has loopback, but not the IPv4 address") && $0.contains("(10.9.9.9)") }.count == 1)
        #expect(rules.warnings.filter { $0.contains("allow has loopback, but not the IPv6 address") && $0.contains("(2001:db8:9::9)") }.count == 1)
        #expect(rules.script.contains("ip saddr { 192.168.0.0/16 } tcp dport 25 goto lead0"))
        #expect(!rules.script.contains("meta nfproto ipv4 tcp"))
    }

    @Test func aListenerOnLoopbackCannotServeOthers() throws {
        let rules = try self.rules("original", bind: "\"127.0.0.1:2525\"", allow: "\"10.0.0.0/8\"")
        #expect(rules.warnings.first?.contains("bind it to 0.0.0.0:2525") == true)
        #expect(!rules.script.contains("prerouting"))
    }

    @Test func rangesInsideOthersAreLeftOut() throws {
        let script = try self.rules("original", allow: "\"10.0.0.0/8\", \"10.1.0.0/16\", \"2001:db8::/32\", \"192.0.2.1\"").script
        #expect(script.contains("ip saddr { 10.0.0.0/8, 192.0.2.1 } tcp"))
        #expect(!script.contains("ip6 saddr"))
    }

    @Test func aListenerOnOneAddressIsReachedThere() throws {
        let v6 = try self.rules("original", bind: "\"[2001:db8::5]:2525\"", allow: "\"2001:db8::/32\"").script
        #expect(v6.contains("dnat ip6 to [2001:db8::5]:2525"))
        let transparent = try self.rules("tproxy", bind: "\"[::1]:2525\"", allow: "\"::/0\"").script
        #expect(transparent.contains("meta nfproto ipv6 tcp dport 25 tproxy ip6 to [::1]:2525 meta mark set 0x4d53 accept"))
    }

    /// Nothing that somebody can write into a config or say on the command line is more than text to the shell.
    @Test func nothingReachesTheShellUnquoted() throws {
        let evil = "x'\n$(told)`told`; told #"
        var config = try Rig.parse("[[listener]]\nbind = \"127.0.0.1:2525\"\ndestination = \"original\"\nallow = [\"10.0.0.0/8\"]")
        config.listeners[0].name = evil
        let rules = FirewallRules(config, user: evil, sources: Self.sources)
        for script in [rules.script, rules.undoing, FirewallRules.refusal([evil])] {
            let stubs = "told() { echo told >&3; }\nnft() { :; }\nip() { :; }\nss() { :; }\nexec 3>&1\n"
            #expect(try Namespaces.shell("\(stubs)(\n\(script)) 2>/dev/null >&2 || :") == "", "\(script)")
        }
    }

    @Test func undoTakesBackEverything() throws {
        let script = try self.rules("tproxy", allow: "\"10.0.0.0/8\"").undoing
        #expect(script.contains("nft delete table inet mailshim"))
        #expect(script.contains("ip -4 rule del fwmark 0x4d53 lookup 19795"))
        #expect(script.contains("ip -6 route flush table 19795"))
    }

    @Test func statusKnowsItsOwnRulesAgain() throws {
        let rules = try self.rules("original", bind: Self.both, allow: nil)
        let listing = """
            table inet mailshim {
            \tcomment "\(rules.fingerprint)"
            \tcounter led0 {
            \t\tpackets 3 bytes 180
            \t}

            \tcounter led1 {
            \t\tpackets 0 bytes 0
            \t}
            }
            """
        let found = RulesInPlace(rules, listing: listing)
        #expect(found.state == .asConfigured)
        #expect(found.led.map(\.connections) == [3, 0] && found.led.map(\.bind) == ["0.0.0.0:2525", "[::]:2525"])
        #expect(RulesInPlace(rules, listing: nil).state == .missing)
        let others = RulesInPlace(try self.rules("original", allow: nil), listing: listing)
        #expect(others.state == .others && others.led.map(\.connections) == [nil])
    }
}
