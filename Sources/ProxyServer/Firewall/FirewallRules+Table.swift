/// The table as nftables reads it.
extension FirewallRules {
    /// The table's family and name.
    public static let table = "inet mailshim"

    /// What the table is compared by: `firewall status` finds it as the table's comment.
    var fingerprint: String {
        // FNV-1a, 64 bits.
        let hash = self.body.joined(separator: "\n").utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return "rules " + String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// For `nft -f`: replaces in one transaction what there was, so that no packet of a session that is led meets a moment without rules.
    ///
    /// - Parameter open: numbers of those that connections are led to from the first moment on, where a set decides.
    func transaction(open: Set<Int> = []) -> [String] {
        ["table \(Self.table)", "delete table \(Self.table)", "table \(Self.table) {", "    comment \"\(self.fingerprint)\""]
            + self.body.map { "    " + $0 } + ["}"] + self.leading.filter { $0.isGated && open.contains($0.number) }.map(Self.opening)
    }

    /// For `nft -f`: connections are led for some seconds from now on to those with these numbers. Adding alone would not begin the time anew.
    public func refreshing(open: Set<Int>) -> String {
        let gated = self.leading.filter { $0.isGated && open.contains($0.number) }
        return gated.flatMap { ["flush set \(Self.table) \($0.set)", Self.opening($0)] }.map { $0 + "\n" }.joined()
    }

    /// For `nft -f`: to all others nothing is led any more, from this moment on.
    public func shutting(except open: Set<Int> = []) -> String {
        self.leading.filter { $0.isGated && !open.contains($0.number) }.map { "flush set \(Self.table) \($0.set)\n" }.joined()
    }

    private static func opening(_ listener: RedirectedListener) -> String {
        "add element \(Self.table) \(listener.set) { 25 timeout \(Self.lifetime)s }"
    }

    /// Seconds that a set stays open by itself.
    public static let lifetime = 4

    private var body: [String] {
        let leading = self.leading
        var lines = leading.map { "counter \($0.counter) {}" } + leading.filter(\.countsPast).map { "counter \($0.pastCounter) {}" }
        lines += leading.filter(\.isGated).map { "set \($0.set) { type inet_service; flags timeout; }" }
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
        lines += Self.hold(leading.filter(\.isHeld))
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

    private static func hold(_ held: [RedirectedListener]) -> [String] {
        guard !held.isEmpty else { return [] }
        let ports = Set(held.map(\.port)).sorted().map { "\($0)" }.joined(separator: ", ")
        // Neither of the two matches where there is no socket.
        return ["counter held {}"] + Self.chain(("held", ["socket wildcard 1 accept", "socket wildcard 0 accept", "counter name held drop"]))
            + Self.chain(
                (
                    "hold",
                    [
                        "type filter hook input priority -5;",
                        "iif != lo tcp flags syn / fin,syn,rst,ack tcp dport { \(ports) } ct status dnat goto held",
                    ]
                ))
    }

    /// What has a socket here keeps it: also what comes back from a remote, for a socket that has the gateway's address.
    private static let answers = "meta l4proto tcp socket transparent 1 meta mark set \(mark) accept"
    private static let exempt = "meta skuid $own return"
    private static let local = "fib daddr type local return"

    private static func chain(_ chain: (name: String, rules: [String])) -> [String] {
        ["chain \(chain.name) {"] + chain.rules.map { "    " + $0 } + ["}"]
    }
}
