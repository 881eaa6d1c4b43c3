import Rules

/// One address of a listener that connections are led to by netfilter, and the rules that lead them there.
struct RedirectedListener: Hashable, Sendable {
    /// Where it is in the config: rules speak of it by that.
    let number: Int
    let name: String
    let isTransparent: Bool
    let address: IPAddress
    let port: Int
    /// Of `allow`, of this address's family, none inside another.
    let ranges: [AddressRange]
    /// Where mail goes while nobody listens.
    let whenDown: WhenDown
    /// A set that somebody refreshes decides whether connections are led here (`firewall watch`).
    let isWatched: Bool
    /// Nobody wrote `allow`: whatever this machine sends itself.
    private let allowsThisMachine: Bool

    init?(_ listener: Listener, _ bind: SocketEndpoint, number: Int, whenDown: WhenDown, isWatched: Bool) {
        switch listener.destination {
        case .original: self.isTransparent = false
        case .tproxy: self.isTransparent = true
        case .fixed, .socks5, .proxyProtocol, .mx: return nil
        }
        guard let address = IPAddress(bind.host) else { return nil }
        self.number = number
        self.whenDown = whenDown
        self.isWatched = isWatched
        self.name = listener.name
        self.address = address
        self.port = bind.port
        self.ranges = Self.widest(listener.allow.filter { $0.network.family == address.family })
        self.allowsThisMachine = listener.allowsThisMachine
    }

    /// Beside loopback, from where nothing goes out. A gateway on this machine has one of its addresses, which is among these.
    var gateways: [AddressRange] { self.ranges.filter { !$0.network.isLoopback } }

    /// Of gateways elsewhere, which come in here.
    var takesRouted: Bool { !self.gateways.isEmpty && (self.isTransparent || !self.address.isLoopback) }
    /// Of gateways on this machine.
    var takesOwn: Bool { self.allowsThisMachine || !self.gateways.isEmpty }
    var contributes: Bool { self.takesRouted || self.takesOwn }

    var endpoint: String { SocketEndpoint(host: self.address.description, port: self.port).description }
    var unspecified: String { SocketEndpoint(host: self.address.family == .v4 ? "0.0.0.0" : "::", port: self.port).description }

    /// A chain with its rules for packets that come in from a gateway elsewhere.
    var lead: (name: String, rules: [String]) {
        let name = "lead\(self.number)"
        guard self.isTransparent else { return (name, ["\(Self.first) \(self.gate)\(self.led) \(self.redirect)"] + (self.isGated ? ["\(Self.first) \(self.past)"] : [])) }
        return (
            name,
            [
                "\(Self.first) \(self.gate)\(self.tproxy) ct mark set ct mark and 0xffff0000 or \(FirewallRules.mark) \(self.led) accept",
                // Nobody listens: the connection goes past, and so do its later packets; or it waits for somebody to listen.
                self.whenDown == .refuse
                    ? "\(Self.first) \(self.past) drop" : "\(Self.first) \(Self.isPinned) ct mark set ct mark and 0xffff0000",
            ] + (self.whenDown == .refuse ? [] : ["\(Self.first) \(self.past) accept"]) + [
                // Before the socket is whole: the end of the handshake, also of one with a SYN cookie.
                "meta l4proto tcp \(Self.isPinned) \(self.tproxy) accept"
            ]
        )
    }

    /// Likewise for packets that begin here, where it is another one.
    var ownLead: (name: String, rules: [String])? {
        guard self.isTransparent, self.takesOwn else { return nil }
        return (
            "own_lead\(self.number)",
            [
                "\(Self.first) \(self.gate)meta mark set \(FirewallRules.mark) ct mark set ct mark and 0xffff0000 or \(FirewallRules.mark) \(self.led) accept"
            ] + (self.isGated ? ["\(Self.first) ct mark set ct mark and 0xffff0000 \(self.past) accept"] : [])
                + ["\(Self.isPinned) meta mark set \(FirewallRules.mark) accept"]
        )
    }

    /// Whether a set decides.
    var isGated: Bool { self.isWatched && self.whenDown == .direct }

    /// Holds 25 while connections are led here.
    var set: String { "open\(self.number)" }
    private var gate: String { self.isGated ? "tcp dport @\(self.set) " : "" }

    /// Counts connections that were not led here.
    var pastCounter: String { "past\(self.number)" }
    private var past: String { "counter name \(self.pastCounter)" }

    /// Whether the table has that counter.
    var countsPast: Bool { self.isGated || self.isTransparent }

    /// Where a connection from elsewhere meets no listener although it was led here, its first packet is dropped: the next one is decided about anew. Not on this
    /// machine, where it stays bound to the port.
    var isHeld: Bool { self.isGated && !self.isTransparent && self.takesRouted }

    /// For prerouting.
    var routedRules: [String] { self.takesRouted ? [self.matches + "tcp dport 25 goto \(self.lead.name)"] : [] }

    /// For prerouting: what the output chain has marked comes in again by the loopback interface.
    var returningRules: [String] {
        self.ownLead == nil ? [] : ["iif lo meta mark \(FirewallRules.mark) \(self.ownMatches)tcp dport 25 \(self.tproxy) accept"]
    }

    /// For output.
    var ownRules: [String] { self.takesOwn ? [self.ownMatches + "tcp dport 25 goto \((self.ownLead ?? self.lead).name)"] : [] }

    /// The first packet of a connection. Only that may be led: one that had begun before there were rules would be reset.
    private static let first = "tcp flags syn / fin,syn,rst,ack"
    /// The upper half of the mark may be somebody else's.
    private static let isPinned = "ct mark and 0xffff == \(FirewallRules.mark)"

    /// Counts connections.
    var counter: String { "led\(self.number)" }
    private var led: String { "counter name \(self.counter)" }

    private var protocolName: String { self.address.family == .v6 ? "ip6" : "ip" }

    private var tproxy: String {
        let target = self.address.isUnspecified ? ":\(self.port)" : self.endpoint
        return "tproxy \(self.protocolName) to \(target) meta mark set \(FirewallRules.mark)"
    }

    private var redirect: String {
        // `redirect` leads to loopback in output, and to the address of the interface in prerouting.
        self.address.isUnspecified || self.address.isLoopback ? "redirect to :\(self.port)" : "dnat \(self.protocolName) to \(self.endpoint)"
    }

    private var matches: String {
        guard !self.gateways.contains(where: { $0.prefixLength == 0 }) else { return self.family }
        return "\(self.protocolName) saddr { \(self.gateways.map(\.description).joined(separator: ", ")) } "
    }

    /// A gateway on this machine: only what `allow` lets in is led here, the others would hear 421.
    private var ownMatches: String { self.allowsThisMachine ? self.family : self.matches }
    private var family: String { self.address.family == .v6 ? "meta nfproto ipv6 " : "meta nfproto ipv4 " }

    /// Without those inside another: nftables refuses intervals that overlap.
    private static func widest(_ ranges: [AddressRange]) -> [AddressRange] {
        var kept: [AddressRange] = []
        for range in ranges.sorted(by: { $0.prefixLength < $1.prefixLength }) where !kept.contains(where: { $0.contains(range.network) }) {
            kept.append(range)
        }
        return kept
    }
}
