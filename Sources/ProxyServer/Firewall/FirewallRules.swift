public import Rules

/// The nftables rules and policy routes that `original` and `tproxy` listeners need, as a shell script (`mailshim firewall | sh`).
///
/// Connections to port 25 from the gateways in `allow` are led to the listener: on a router (they come in: prerouting) as well as on the gateway's own machine
/// (they begin here: output), where Mailshim's own user is exempt. What is for this machine itself is left alone.
public struct FirewallRules: Hashable, Sendable {
    let listeners: [RedirectedListener]
    let user: String

    /// - Parameter user: the one that Mailshim runs as.
    public init(_ config: Config, user: String = "mailshim") {
        self.listeners = config.listeners.compactMap(RedirectedListener.init)
        self.user = user
    }

    /// What the operator should know before.
    public var warnings: [String] { self.listeners.flatMap(\.warnings) }

    /// The whole script. It may be run again: it replaces what it made before. `undo`: takes everything back.
    public func script(undo: Bool = false) -> String {
        let lines = undo ? self.takenBack : self.made
        return lines.joined(separator: "\n") + "\n"
    }

    private var made: [String] {
        guard !self.listeners.isEmpty else { return ["#!/bin/sh", "# No listener has destination = \"original\" or \"tproxy\": nothing to do."] }
        var lines = ["#!/bin/sh", "# Made by `mailshim firewall`. Take it back with `mailshim firewall --undo | sh`.", "set -e"]
        for warning in self.warnings { lines += ["# WARNING: \(warning)", "echo \(Self.quoted("mailshim firewall: warning: " + warning)) >&2"] }
        lines += self.exemption
        if self.hasTransparent { lines += ["", "# What is marked is for this machine, whatever its address."] + self.routes }
        lines += ["", "nft -f - <<EOF", "table inet mailshim", "delete table inet mailshim", "table inet mailshim {"]
        lines += self.chains.map { "    " + $0 }
        lines += ["}", "EOF"]
        return lines
    }

    private var takenBack: [String] {
        [
            "#!/bin/sh", "# Takes back what `mailshim firewall | sh` made.", "nft delete table inet mailshim 2>/dev/null || true",
        ]
            + Self.families.flatMap { family in
                [
                    "ip \(family) rule del fwmark \(Self.mark) lookup \(Self.table) 2>/dev/null || true",
                    "ip \(family) route flush table \(Self.table) 2>/dev/null || true",
                ]
            }
    }

    /// Mailshim's own connections must go out. Where its user does not exist, it may be run by whoever runs this script, or by somebody else.
    private var exemption: [String] {
        guard self.listeners.contains(where: \.takesOwn) else { return [] }
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

    private var routes: [String] {
        zip(Self.families, ["0.0.0.0/0", "::/0"]).flatMap { family, all in
            // A kernel without IPv6 has no such rules and needs none.
            let (before, after) = family == "-6" ? ("", " || true") : ("", "")
            return [
                "ip \(family) rule del fwmark \(Self.mark) lookup \(Self.table) 2>/dev/null || true",
                "\(before)ip \(family) rule add fwmark \(Self.mark) lookup \(Self.table)\(after)",
                "\(before)ip \(family) route replace local \(all) dev lo table \(Self.table)\(after)",
            ]
        }
    }

    private var chains: [String] {
        var lines: [String] = []
        let redirected = self.listeners.filter { !$0.isTransparent }
        if redirected.contains(where: \.takesRouted) {
            lines += Self.chain("redirected", "type nat hook prerouting priority dstnat;", [Self.local] + redirected.flatMap(\.routedRules))
        }
        if redirected.contains(where: \.takesOwn) {
            lines += Self.chain("own", "type nat hook output priority -100;", [Self.exempt, Self.local] + redirected.flatMap(\.ownRules))
        }
        let transparent = self.listeners.filter(\.isTransparent)
        guard !transparent.isEmpty else { return lines }
        // What comes back from a remote is for a socket here that has the gateway's address.
        let answers = "meta l4proto tcp socket transparent 1 meta mark set \(Self.mark) accept"
        lines += Self.chain(
            "transparent", "type filter hook prerouting priority mangle;", [answers, Self.local] + transparent.flatMap(\.routedRules))
        if transparent.contains(where: \.takesOwn) {
            lines += Self.chain(
                "transparent_own", "type route hook output priority mangle;", [Self.exempt, Self.local] + transparent.flatMap(\.ownRules))
        }
        return lines
    }

    private var hasTransparent: Bool { self.listeners.contains(where: \.isTransparent) }

    /// "MS", as a mark and as the number of a routing table.
    static let mark = "0x4d53"
    private static let table = "19795"
    private static let families = ["-4", "-6"]
    private static let exempt = "meta skuid $own return"
    private static let local = "fib daddr type local return"

    private static func chain(_ name: String, _ kind: String, _ rules: [String]) -> [String] {
        ["chain \(name) {", "    \(kind)"] + rules.map { "    " + $0 } + ["}"]
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
