import Rules

/// As shell scripts. All of each is one `{ … }`: the shell reads it to its end before it does anything, so one that was cut short does nothing and fails.
extension FirewallRules {
    /// Puts the rules in place. It may be run again: it replaces what it made before.
    public var script: String { self.script(open: []) }

    /// - Parameter open: see `transaction`.
    public func script(open: Set<Int>) -> String {
        guard !self.areNone else {
            return Self.whole([Self.told("no listener has destination = \"original\" or \"tproxy\": nothing to do")])
        }
        guard self.faults.isEmpty else { return Self.refusal(self.faults) }
        var lines = ["# Made by `mailshim firewall`. Take it back with `mailshim firewall undo`."]
        for warning in self.warnings { lines.append(Self.told("warning: " + warning)) }
        lines += self.exemption
        if self.hasTransparent { lines += ["", "# What is marked is for this machine, whatever its address."] + self.routes }
        lines += ["", "nft -f - <<EOF"] + self.transaction(open: open) + ["EOF"]
        return Self.whole(lines)
    }

    /// Takes everything back, and says how many sessions that costs.
    public var undoing: String {
        var lines = ["# Takes back what `mailshim firewall` made.", "tables=$(nft list tables)"]
        lines += ["if printf '%s\\n' \"$tables\" | grep -qx 'table \(Self.table)'; then"]
        lines += (self.counting + ["nft delete table \(Self.table)"]).map { "    " + $0 }
        lines += ["else", "    " + Self.told("there are no rules to take back"), "fi"] + Self.cleaned
        return Self.whole(lines)
    }

    /// In place of the rules, where there can be none: `mailshim firewall | sh` then fails as `mailshim firewall` did.
    public static func refusal(_ faults: [String], status: Int32 = 78) -> String {
        self.whole(faults.map { self.told($0) } + [self.told("nothing was changed"), "exit \(status)"])
    }

    private static func whole(_ lines: [String]) -> String {
        (["#!/bin/sh", "{", "set -eu", "PATH=${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin"] + lines + ["}"]).joined(separator: "\n") + "\n"
    }

    private static func told(_ words: String) -> String { "echo \(self.quoted("mailshim firewall: " + words)) >&2" }

    /// Mailshim's own connections must go out. Where its user does not exist, it may be run by whoever runs this script, or by somebody else.
    private var exemption: [String] {
        guard self.leading.contains(where: \.takesOwn) else { return [] }
        let start = Self.quoted("mailshim firewall: warning: there is no user \(self.user), so connections of user number ")
        let end = Self.quoted(
            " go out as they are. If Mailshim runs as another user, its own are led back to it: name that user, mailshim firewall --user NAME")
        return [
            "", "# Mailshim's own user, whose connections go out as they are. Where there is none of that name, it is whoever runs",
            "# this script (under sudo root). If Mailshim runs as yet another user, its own connections would be led back to it:",
            "# mailshim firewall --user NAME",
            "own=$(id -u \(Self.quoted(self.user)) 2>/dev/null) || {", "    own=$(id -u)", "    echo \(start)\"$own\"\(end) >&2", "}",
        ]
    }

    private static let routingTable = "19795"

    /// Made where they are missing and never taken away in between: sessions that are led need them.
    private var routes: [String] {
        [(IPAddress.Family.v4, "-4", "0.0.0.0/0"), (.v6, "-6", "::/0")].flatMap { family, option, all -> [String] in
            guard self.leading.contains(where: { $0.isTransparent && $0.address.family == family }) else { return [] }
            let rule = "fwmark \(Self.mark) lookup \(Self.routingTable)"
            return [
                "ip \(option) rule list \(rule) | grep -q . || ip \(option) rule add \(rule)",
                "ip \(option) route replace local \(all) dev lo table \(Self.routingTable)",
            ]
        }
    }

    private static let cleaned = ["-4", "-6"].flatMap { family in
        [
            "ip \(family) rule del fwmark \(mark) lookup \(routingTable) 2>/dev/null || true",
            "ip \(family) route flush table \(routingTable) 2>/dev/null || true",
        ]
    }

    /// Sessions that are led: sockets on the listeners' ports, and with `tproxy` on port 25, where an SMTP server of this machine has some too.
    private var counting: [String] {
        let ports = Set(self.endpoints.map { $0.isTransparent ? 25 : $0.port }).sorted()
        guard !ports.isEmpty else { return [] }
        let most = self.endpoints.contains(where: \.isTransparent) ? "at most " : ""
        let filter = ports.map { "sport = :\($0)" }.joined(separator: " or ")
        return [
            "if command -v ss >/dev/null; then",
            "    echo \"mailshim firewall: sessions that this cuts: \(most)$(ss -Htn state established '( \(filter) )' | wc -l)\" >&2",
            "fi",
        ]
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
