import Rules
import Testing

@testable import ProxyServer

/// When mail is led to a listener that `firewall watch` watches, and what it then writes.
@Suite struct GateTests {
    /// What it says, one answer after another.
    private func heard(_ gate: inout Gate, at times: [Double]) -> [Bool] { times.map { gate.heard(at: $0) } }

    @Test func anAnswerASecondKeepsItOpen() {
        var gate = Gate(patience: 10)
        let first = self.heard(&gate, at: (0..<20).map(Double.init))
        #expect(first.allSatisfy { $0 })
        // Some are missed; the rules hold by themselves for that long.
        let later = gate.heard(at: 22.9)
        #expect(later && !gate.isShut)
    }

    @Test func afterAGapItComesBackWhenItHasAnsweredForLong() {
        var gate = Gate(patience: 10)
        let answers = self.heard(&gate, at: [0] + (4...14).map(Double.init))
        #expect(answers == [true] + Array(repeating: false, count: 10) + [true])
    }

    @Test func whatHasGoneIsShutAtOnce() {
        var gate = Gate(patience: 2)
        let before = gate.heard(at: 0)
        gate.lost(at: 0.5)
        #expect(before && gate.isShut)
        let after = self.heard(&gate, at: [1, 2.4, 2.6])
        #expect(after == [false, false, true])
        gate.lost(at: 3)
        let soon = gate.heard(at: 4)
        gate.lost(at: 4.5)
        let again = self.heard(&gate, at: [6, 6.5])
        #expect(!soon && again == [false, true])
    }

    private func rules(_ text: String, isWatched: Bool = true) throws -> FirewallRules {
        FirewallRules(try Rig.parse(text), isWatched: isWatched, sources: OutgoingAddresses([]))
    }

    private static let own = "[[listener]]\nname = \"a\"\nbind = [\"127.0.0.1:2525\", \"[::1]:2525\"]\ndestination = \"original\"\n"
    private static let router = "[[listener]]\nname = \"a\"\nbind = \"0.0.0.0:2525\"\nallow = [\"10.0.0.0/8\"]\ndestination = \"original\"\n"

    @Test func refreshingBeginsTheTimeAnew() throws {
        let rules = try self.rules(Self.own)
        #expect(
            rules.refreshing(open: [1])
                == "flush set inet mailshim open1\nadd element inet mailshim open1 { 25 timeout 4s }\n")
        #expect(rules.shutting(except: [1]) == "flush set inet mailshim open0\n")
        #expect(rules.script(open: [0]).contains("\nadd element inet mailshim open0 { 25 timeout 4s }\nEOF"))
        #expect(rules.script.contains("tcp dport @open0 counter name led0 redirect to :2525") && !rules.script.contains("add element"))
        #expect(rules.script(open: [0]).contains(rules.fingerprint) && rules.script.contains(rules.fingerprint))
    }

    @Test func withoutAWatchNoSetDecides() throws {
        let rules = try self.rules(Self.own, isWatched: false)
        #expect(!rules.script.contains("set open") && !rules.script.contains("@open") && rules.refreshing(open: [0, 1]) == "")
    }

    /// What goes past would break a promise: then it does not.
    @Test(arguments: [
        (Self.own, WhenDown.direct), (Self.own + "when-down = \"refuse\"\n", .refuse), (Self.own + "[default]\ntls = \"required\"\n", .refuse),
        (Self.own + "[domain.\"example.com\"]\ntls = \"verified\"\nnames = [\"mx.example.com\"]\n", .refuse),
        (Self.own + "[address.\"192.0.2.1\"]\ntls = \"implicit\"\n", .refuse), (Self.own + "[host.\"a.example\"]\ntls = \"passthrough\"\n", .direct),
        (Self.router, .refuse), (Self.router + "when-down = \"direct\"\n", .direct),
        (Self.router.replacing("original", with: "tproxy"), .direct),
        (Self.router.replacing("original", with: "tproxy") + "[default]\ntls = \"required\"\n", .refuse),
    ])
    func whereMailGoesWhileMailshimIsDown(_ text: String, _ expected: WhenDown) throws {
        let config = try Rig.parse(text)
        let listener = try #require(config.listeners.first)
        #expect(config.whenDown(of: listener) == expected)
        let script = try self.rules(text).script
        #expect(script.contains("@open0") == (expected == .direct))
        if listener.destination == .tproxy { #expect(script.contains("counter name past0 drop") == (expected == .refuse)) }
    }

    @Test func directAgainstAPromiseIsSaid() throws {
        let text = Self.router + "when-down = \"direct\"\n[default]\ntls = \"required\"\n"
        let warnings = try self.rules(text).warnings.filter { $0.contains("when-down") }
        #expect(warnings.count == 2 && warnings[0].contains("without the TLS") && warnings[1].contains("SPF"))
        #expect(try self.rules(Self.own + "when-down = \"direct\"\n").warnings.allSatisfy { !$0.contains("when-down") })
    }

    @Test func aHeldConnectionIsForRoutersAlone() throws {
        #expect(try self.rules(Self.router + "when-down = \"direct\"\n").script.contains("tcp dport { 2525 } ct status dnat goto held"))
        #expect(try !self.rules(Self.own).script.contains("held"))
    }
}
