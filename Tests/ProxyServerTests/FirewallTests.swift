import Rules
import Testing

@testable import ProxyServer

/// `mailshim firewall` as text; that it works as printed is tried in network namespaces (NamespaceTests).
struct FirewallTests {
    private func rules(_ destination: String, bind: String = "0.0.0.0:2525", allow: String) throws -> FirewallRules {
        FirewallRules(try Rig.parse("[[listener]]\nname = \"outbound\"\nbind = \"\(bind)\"\ndestination = \"\(destination)\"\nallow = [\(allow)]"))
    }

    @Test func withoutSuchListenersThereIsNothingToDo() throws {
        let script = try self.rules("192.0.2.1:25", allow: "\"10.0.0.0/8\"").script()
        #expect(!script.contains("nft"))
        #expect(script.contains("nothing to do"))
    }

    @Test func redirectOnARouterWarnsThatRemotesSeeMailshim() throws {
        let rules = try self.rules("original", allow: "\"10.0.0.0/8\"")
        #expect(rules.warnings.count == 1)
        #expect(rules.warnings.first?.contains("remotes see this machine's address") == true)
        #expect(rules.script().contains("ip saddr { 10.0.0.0/8 } tcp dport 25 redirect to :2525"))
        #expect(rules.script().contains("meta skuid $own return"))
        #expect(!rules.script().contains("tproxy ip"))
        #expect(!rules.script().contains("ip -4 rule add"))
    }

    @Test func tproxyKeepsTheGatewaysAddressAndNeedsRoutes() throws {
        let rules = try self.rules("tproxy", allow: "\"10.0.0.0/8\"")
        #expect(rules.warnings.isEmpty)
        #expect(rules.script().contains("ip saddr { 10.0.0.0/8 } tcp dport 25 tproxy ip to :2525 meta mark set 0x4d53 accept"))
        #expect(rules.script().contains("ip -4 rule add fwmark 0x4d53 lookup 19795"))
        #expect(rules.script().contains("ip -6 route replace local ::/0 dev lo table 19795"))
    }

    @Test func aGatewayOnThisMachineAloneNeedsNoWarning() throws {
        let rules = try self.rules("original", bind: "127.0.0.1:2525", allow: "\"127.0.0.0/8\"")
        #expect(rules.warnings.isEmpty)
        #expect(rules.script().contains("meta nfproto ipv4 tcp dport 25 redirect to :2525"))
        #expect(!rules.script().contains("prerouting"))
    }

    @Test func aListenerOnLoopbackCannotServeOthers() throws {
        let rules = try self.rules("original", bind: "127.0.0.1:2525", allow: "\"10.0.0.0/8\"")
        #expect(rules.warnings.first?.contains("bind it to 0.0.0.0:2525") == true)
        #expect(!rules.script().contains("prerouting"))
    }

    @Test func rangesInsideOthersAreLeftOut() throws {
        let script = try self.rules("original", allow: "\"10.0.0.0/8\", \"10.1.0.0/16\", \"2001:db8::/32\", \"192.0.2.1\"").script()
        #expect(script.contains("ip saddr { 10.0.0.0/8, 192.0.2.1 } tcp"))
        #expect(!script.contains("2001:db8"))
    }

    @Test func aListenerOnOneAddressIsReachedThere() throws {
        let v6 = try self.rules("original", bind: "[2001:db8::5]:2525", allow: "\"2001:db8::/32\"").script()
        #expect(v6.contains("ip6 saddr { 2001:db8::/32 } tcp dport 25 dnat ip6 to [2001:db8::5]:2525"))
        let transparent = try self.rules("tproxy", bind: "[::1]:2525", allow: "\"::/0\"").script()
        #expect(transparent.contains("meta nfproto ipv6 tcp dport 25 tproxy ip6 to [::1]:2525 meta mark set 0x4d53 accept"))
    }

    @Test func undoTakesBackEverything() throws {
        let script = try self.rules("tproxy", allow: "\"10.0.0.0/8\"").script(undo: true)
        #expect(script.contains("nft delete table inet mailshim"))
        #expect(script.contains("ip -4 rule del fwmark 0x4d53 lookup 19795"))
        #expect(script.contains("ip -6 route flush table 19795"))
    }
}
