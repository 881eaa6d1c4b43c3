/// The table as nftables reads it.
extension FirewallRules {
    static let table = "inet mailshim"

    /// What the table is compared by: `firewall status` finds it as the table's comment.
    var fingerprint: String {
        // FNV-1a, 64 bits.
        let hash = self.body.joined(separator: "\n").utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return "rules " + String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// For `nft -f`: replaces in one transaction what there was, so that no packet of a session that is led meets a moment without rules.
    var transaction: [String] {
        ["table \(Self.table)", "delete table \(Self.table)", "table \(Self.table) {", "    comment \"\(self.fingerprint)\""]
            + self.body.map { "    " + $0 } + ["}"]
    }

    private var body: [String] {
        let leading = self.leading
        var lines = leading.map { "counter \($0.counter) {}" }
        for listener in leading {
            if listener.takesRouted || !listener.isTransparent { lines += Self.chain(listener.lead) }
            if let own = listener.ownLead { lines += Self.chain(own) }
        }
        let redirected = leading.filter { !$0.isTransparent }
        // Before those of Docker and firewalld, which are at -100: who comes first there is who was loaded last.
        if redirected.contains(where: \.takesRouted) {
            lines += Self.chain(("redirected", ["type nat hook prerouting priority -110;", Self.local] + redirected.flatMap(\.routedRules)))
        }
        if redirected.contains(where: \.takesOwn) {
            lines += Self.chain(("own", ["type nat hook output priority -110;", Self.exempt, Self.local] + redirected.flatMap(\.ownRules)))
        }
        let transparent = leading.filter(\.isTransparent)
        guard !transparent.isEmpty else { return lines }
        lines += Self.chain(
            (
                "transparent",
                ["type filter hook prerouting priority mangle;", Self.answers] + transparent.flatMap(\.returningRules) + [Self.local]
                    + transparent.flatMap(\.routedRules)
            ))
        if transparent.contains(where: \.takesOwn) {
            lines += Self.chain(
                ("transparent_own", ["type route hook output priority mangle;", Self.exempt, Self.local] + transparent.flatMap(\.ownRules)))
        }
        return lines
    }

    /// What has a socket here keeps it: also what comes back from a remote, for a socket that has the gateway's address.
    private static let answers = "meta l4proto tcp socket transparent 1 meta mark set \(mark) accept"
    private static let exempt = "meta skuid $own return"
    private static let local = "fib daddr type local return"

    private static func chain(_ chain: (name: String, rules: [String])) -> [String] {
        ["chain \(chain.name) {"] + chain.rules.map { "    " + $0 } + ["}"]
    }
}
