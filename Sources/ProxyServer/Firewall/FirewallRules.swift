public import Rules

/// The nftables rules and policy routes that `original` and `tproxy` listeners need (`mailshim firewall`).
///
/// Connections to port 25 from the gateways in `allow` are led to the listener: on a router (they come in: prerouting) as well as on the gateway's own machine
/// (they begin here: output), where Mailshim's own user is exempt. What is for this machine itself is left alone, and so is a connection that began before.
public struct FirewallRules: Hashable, Sendable {
    /// Each address of each of the listeners.
    let endpoints: [RedirectedListener]
    let user: String
    /// Why nothing is led to a listener that asks for it. With one of these there are no rules.
    public let faults: [String]
    /// What the operator should know before.
    public let warnings: [String]

    /// - Parameters:
    ///   - user: the one that Mailshim runs as.
    ///   - isWatched: connections are led only while `firewall watch` says so.
    ///   - sources: where connections of this machine come from.
    public init(_ config: Config, user: String = "mailshim", isWatched: Bool = false, sources: OutgoingAddresses = .ofThisMachine) {
        var endpoints: [RedirectedListener] = []
        var policy: [RedirectAdvice] = []
        for listener in config.listeners {
            let whenDown = config.whenDown(of: listener)
            let own = listener.bind.enumerated().compactMap {
                RedirectedListener(listener, $1, number: endpoints.count + $0, whenDown: whenDown, isWatched: isWatched)
            }
            guard !own.isEmpty else { continue }
            endpoints += own
            policy.append(RedirectAdvice(listener: listener, endpoints: own, sources: sources, promises: config.promises(of: listener)))
        }
        self.endpoints = endpoints
        self.user = user
        self.faults = policy.compactMap(\.fault)
        self.warnings = policy.flatMap(\.warnings) + Self.unseen(policy)
    }

    /// No listener wants connections led to it.
    public var areNone: Bool { self.endpoints.isEmpty }

    /// Addresses of listeners that a set decides about, see `firewall watch`.
    public var watched: [(number: Int, listener: String)] { self.leading.filter(\.isGated).map { ($0.number, $0.name) } }

    var leading: [RedirectedListener] { self.endpoints.filter(\.contributes) }
    var hasTransparent: Bool { self.leading.contains(where: \.isTransparent) }

    /// "MS", as a mark and as the number of a routing table.
    static let mark = "0x4d53"

    /// A family that no listener knows of.
    private static func unseen(_ policy: [RedirectAdvice]) -> [String] {
        guard let first = policy.first?.listener else { return [] }
        return [IPAddress.Family.v4, .v6].compactMap { family in
            let isKnown = policy.contains { policy in
                policy.endpoints.contains { $0.address.family == family } || policy.listener.allow.contains { $0.network.family == family }
            }
            guard !isKnown else { return nil }
            let endpoint = SocketEndpoint(host: family == .v4 ? "0.0.0.0" : "::", port: first.bind.first?.port ?? 2525)
            return
                "\(family.word) is not redirected: mail to \(family.word) hosts goes past Mailshim; add \"\(endpoint)\" to bind of listener \(first.name), "
                + "and the gateways' \(family.word) addresses to its allow"
        }
    }
}
