import NIOCore

/// Where a session's remote is, and from where it is connected to.
struct RemoteEndpoint: Sendable {
    /// The first is the remote; the others are tried, in order, where the session's first connection cannot be opened. Empty: `failure` says why.
    var addresses: [SocketAddress]
    /// The name it was configured under.
    var name: String?
    /// Bound to before each connection: the gateway's own address (`tproxy`), or that of the session's first connection. Port 0.
    var source: SocketAddress?
    /// The source is not an address of this machine (`tproxy`).
    var isTransparent = false
    var failure = ""
    private(set) var hasStood = false

    /// Of what is known: the address, else the name. As it is logged.
    var text: String { self.addresses.first?.text ?? self.name ?? "" }

    /// A connection stood: the session's later ones go to the same address, from the same address.
    mutating func settle(from source: SocketAddress?) {
        self.hasStood = true
        self.addresses = Array(self.addresses.prefix(1))
        if self.source == nil { self.source = source?.anyPort }
    }

    /// What `connections` and `pause` are counted under.
    var places: ConnectionLimiter.Key? {
        self.addresses.first.map { ConnectionLimiter.Key(source: self.isTransparent ? self.source : nil, remote: $0.unmapped) }
    }
}
