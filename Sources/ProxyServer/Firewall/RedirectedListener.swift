import Rules

/// A listener that connections are led to by netfilter, and the rules that lead them there.
struct RedirectedListener: Hashable, Sendable {
    let name: String
    let isTransparent: Bool
    /// The ranges of the listener's own family, none inside another.
    private let ranges: [AddressRange]
    private let address: IPAddress
    private let port: Int

    init?(_ listener: Listener) {
        switch listener.destination {
        case .original: self.isTransparent = false
        case .tproxy: self.isTransparent = true
        case .fixed, .socks5, .proxyProtocol, .mx: return nil
        }
        guard let address = IPAddress(listener.bind.host) else { return nil }
        self.name = listener.name
        self.address = address
        self.port = listener.bind.port
        self.ranges = Self.widest(listener.allow.filter { $0.network.family == address.family })
    }

    /// Gateways elsewhere, whose connections come in here.
    private var elsewhere: [AddressRange] { self.ranges.filter { !$0.network.isLoopback } }
    private var allowsThisMachine: Bool { self.ranges.contains { $0.network.isLoopback || $0.prefixLength == 0 } }

    var takesRouted: Bool { !self.elsewhere.isEmpty && (self.isTransparent || !self.address.isLoopback) }
    var takesOwn: Bool { !self.ranges.isEmpty }

    /// For prerouting.
    var routedRules: [String] {
        var rules: [String] = []
        // What the output chain has marked comes in again by the loopback interface.
        if self.isTransparent, self.takesOwn { rules.append("iif lo meta mark \(FirewallRules.mark) \(self.family) tcp dport 25 \(self.verdict)") }
        if self.takesRouted { rules += self.matches(self.elsewhere).map { "\($0)tcp dport 25 \(self.verdict)" } }
        return rules
    }

    /// For output: a gateway on this machine has any of its addresses.
    var ownRules: [String] {
        let matches = self.allowsThisMachine ? ["\(self.family) "] : self.matches(self.elsewhere)
        let verdict = self.isTransparent ? "meta mark set \(FirewallRules.mark)" : self.verdict
        return matches.map { "\($0)tcp dport 25 \(verdict)" }
    }

    var warnings: [String] {
        var warnings: [String] = []
        if self.ranges.isEmpty {
            warnings.append("listener \(self.name): allow holds no address of the family of its bind address, so nothing is led to it")
        }
        if !self.isTransparent, !self.elsewhere.isEmpty {
            warnings.append(
                self.address.isLoopback
                    ? "listener \(self.name) is bound to \(self.address), where only gateways on this machine reach it; bind it to \(self.unspecified) for the others"
                    : "listener \(self.name): with destination = \"original\" remotes see this machine's address, not the gateway's. SPF, PTR and HELO must fit it, "
                        + "and limits per source add up over all gateways. destination = \"tproxy\" keeps the gateway's address")
        }
        return warnings
    }

    private var isV6: Bool { self.address.family == .v6 }
    private var family: String { self.isV6 ? "meta nfproto ipv6" : "meta nfproto ipv4" }
    private var protocolName: String { self.isV6 ? "ip6" : "ip" }
    private var unspecified: String { self.isV6 ? "[::]:\(self.port)" : "0.0.0.0:\(self.port)" }
    private var endpoint: String { SocketEndpoint(host: self.address.description, port: self.port).description }

    private var verdict: String {
        if self.isTransparent {
            let target = self.address.isUnspecified ? ":\(self.port)" : self.endpoint
            return "tproxy \(self.protocolName) to \(target) meta mark set \(FirewallRules.mark) accept"
        }
        // `redirect` leads to loopback in output, and to the address of the interface in prerouting.
        return self.address.isUnspecified || self.address.isLoopback ? "redirect to :\(self.port)" : "dnat \(self.protocolName) to \(self.endpoint)"
    }

    private func matches(_ ranges: [AddressRange]) -> [String] {
        guard !ranges.isEmpty else { return [] }
        guard !ranges.contains(where: { $0.prefixLength == 0 }) else { return ["\(self.family) "] }
        return ["\(self.protocolName) saddr { \(ranges.map(\.description).joined(separator: ", ")) } "]
    }

    /// Without those inside another: nftables refuses intervals that overlap.
    private static func widest(_ ranges: [AddressRange]) -> [AddressRange] {
        var kept: [AddressRange] = []
        for range in ranges.sorted(by: { $0.prefixLength < $1.prefixLength }) where !kept.contains(where: { $0.contains(range.network) }) {
            kept.append(range)
        }
        return kept
    }
}
