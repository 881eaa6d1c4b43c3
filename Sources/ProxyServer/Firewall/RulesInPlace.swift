import Rules

/// What `nft list table inet mailshim` says, compared with what should be there.
public struct RulesInPlace: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        case asConfigured
        /// Of another config, or of another version of Mailshim.
        case others
        case missing
    }

    public struct Led: Hashable, Sendable {
        public let listener: String
        /// "0.0.0.0:2525"
        public let bind: String
        public let isTransparent: Bool
        /// Connections since the rules were put in place; nil where no such rule is there.
        public let connections: Int?
        /// Likewise those that went past, where that is counted.
        public let past: Int?
        public let number: Int
        public let isIPv6: Bool
    }

    public let state: State
    public let led: [Led]

    /// - Parameter listing: nil where there is no such table.
    public init(_ rules: FirewallRules, listing: String?) {
        let lines = (listing ?? "").split(separator: "\n").map { $0.drop { $0 == " " || $0 == "\t" } }
        let isSame = lines.contains { $0 == "comment \"\(rules.fingerprint)\"" }
        self.state = listing == nil ? .missing : isSame ? .asConfigured : .others
        self.led = rules.leading.map { endpoint in
            func count(_ counter: String) -> Int? {
                let at = isSame ? lines.firstIndex { $0.hasPrefix("counter \(counter) {") } : nil
                let words = at.flatMap { lines.dropFirst($0 + 1).first }?.split(separator: " ") ?? []
                return words.first == "packets" ? words.dropFirst().first.flatMap { Int($0) } : nil
            }
            return Led(
                listener: endpoint.name, bind: endpoint.endpoint, isTransparent: endpoint.isTransparent, connections: count(endpoint.counter),
                past: count(endpoint.pastCounter), number: endpoint.number, isIPv6: endpoint.address.family == .v6)
        }
    }

    /// Prints the table, or nothing where there is none; fails where that cannot be known.
    public static let question = """
        PATH=${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin
        tables=$(nft list tables) || exit 1
        if printf '%s\\n' "$tables" | grep -qx 'table \(FirewallRules.table)'; then nft list table \(FirewallRules.table); fi
        """
}
