import AdminProtocol
import Glibc
import ProxyServer
import Rules

/// `mailshim firewall watch`, a second at a time.
final class RedirectWatch {
    private final class Connection {
        let client: AdminClient

        init(_ path: String) throws(AdminFailure) { self.client = try AdminClient(path: path, patience: 1) }
    }

    private let rules: FirewallRules
    private let socket: String
    private let log: Log
    private var connection: Connection?
    private var gates: [String: Gate] = [:]
    private var open: Set<Int> = []
    private var report: RedirectReport?
    private let patience: Double

    init(_ rules: FirewallRules, socket: String, patience: Double, log: Log) {
        (self.rules, self.socket, self.patience, self.log) = (rules, socket, patience, log)
    }

    /// Puts the rules in place; nothing is led yet, unless Mailshim answers at once.
    func begin() throws {
        _ = self.decide(by: self.answer())
        try ShellScript.run(self.rules.script(open: self.open))
        self.log.write(Line("redirect-applied").with("socket", self.socket).with("led-to", self.openListeners))
    }

    /// Asks, refreshes, looks, and waits for the rest of the second. - Returns: one line that says how it is.
    func second() -> String {
        let start = Self.now
        let before = self.open
        self.refresh(isHeard: self.decide(by: self.answer()))
        if self.open != before {
            self.log.write(
                Line(self.open.isSubset(of: before) ? "redirect-past" : "redirect-led", self.open.isSubset(of: before) ? .warn : .info)
                    .with("led-to", self.openListeners).with("because", self.connection == nil ? "Mailshim does not answer" : "as Mailshim answers"))
        }
        self.wait(until: start + 1)
        return "led to \(self.openListeners)"
    }

    /// Mail goes past from now on; the rules stay, since sessions that were led need them.
    func end() { _ = try? self.nft(self.rules.shutting()) }

    // MARK: Asking

    /// Nil: nobody answers. In a hand-over the socket changes hands: so the end of a connection is no answer, but a second try is.
    private func answer() -> JSON? {
        for _ in 0..<2 {
            do throws(AdminFailure) {
                if self.connection == nil { self.connection = try Connection(self.socket) }
                guard let connection = self.connection else { return nil }
                return try connection.client.ask(AdminRequest("pulse", self.report?.json.members ?? []))
            } catch {
                let wasConnected = self.connection != nil
                self.connection = nil
                // A request that is refused, or an old version: somebody is there, and does not say that it accepts.
                guard error.kind == .unreachable, wasConnected else { return nil }
            }
        }
        return nil
    }

    /// False: somebody is there and busy; what is open stays so by itself for some seconds.
    private func decide(by answer: JSON?) -> Bool {
        let now = Self.now
        if let answer, (answer["stuck"].integer ?? 0) > 0 { return false }
        let accepting = Set(answer?["accepting"].elements.compactMap(\.string) ?? [])
        self.open = []
        for endpoint in self.rules.watched {
            let name = endpoint.listener
            var gate = self.gates[name] ?? Gate(patience: self.patience)
            if accepting.contains(name) { if gate.heard(at: now) { self.open.insert(endpoint.number) } } else { gate.lost(at: now) }
            self.gates[name] = gate
        }
        return true
    }

    // MARK: Refreshing

    private func refresh(isHeard: Bool) {
        let commands = isHeard ? self.rules.shutting(except: self.open) + self.rules.refreshing(open: self.open) : ""
        let listing = (try? self.nft(commands + "list table \(FirewallRules.table)\n")).flatMap { $0.status == 0 ? $0.output : nil }
        let found = RulesInPlace(self.rules, listing: listing)
        var state = RedirectReport.State.inPlace
        if found.state != .asConfigured {
            do {
                try ShellScript.run(self.rules.script(open: self.open))
                state = .restored
            } catch {
                state = .missing
            }
            self.log.write(
                Line("redirect-missing", state == .restored ? .warn : .error).with("found", found.state == .missing ? "no rules" : "other rules")
                    .with("effect", state == .restored ? "they are in place again" : "mail goes past Mailshim"))
        }
        self.report = RedirectReport(
            state,
            ways: found.led.map { led in
                let isOpen = self.open.contains(led.number) || !self.rules.watched.contains { $0.number == led.number }
                return RedirectReport.Way(
                    listener: led.listener, family: led.isIPv6 ? "IPv6" : "IPv4", isOpen: isOpen, led: led.connections, past: led.past)
            })
    }

    private func nft(_ commands: String) throws -> ShellScript.Outcome {
        let script = "PATH=${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin\nexec timeout 3 nft -f - 2>/dev/null <<'EOF'\n\(commands)EOF\n"
        return try ShellScript.outcome(of: script, isHeard: true)
    }

    private var openListeners: String {
        let names = self.rules.watched.filter { self.open.contains($0.number) }.map(\.listener)
        return names.isEmpty ? "none" : Set(names).sorted().joined(separator: ",")
    }

    // MARK: Time

    /// Ends early where the process at the other end of the connection does.
    private func wait(until end: Double) {
        let left = Int32(max(0, (end - Self.now) * 1000))
        guard let connection else {
            _ = poll(nil, 0, left)
            return
        }
        _ = connection.client.hasEnded(within: left)
    }

    /// Seconds.
    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }
}
