import NIOCore

/// Where a session's remote is, and from where it is connected to.
struct RemoteEndpoint: Sendable {
    /// The first is the remote; the others are tried, in order, where the session's first connection cannot be opened. Empty: `failure` says why.
    var addresses: [SocketAddress] { didSet { self.text = Self.text(self.addresses, self.name) } }
    /// The name it was configured under.
    let name: String?
    /// Bound to before each connection: the gateway's own address (`tproxy`), or that of the session's first connection. Port 0.
    var source: SocketAddress?
    /// The source is not an address of this machine (`tproxy`).
    var isTransparent = false
    var failure = ""
    private(set) var hasStood = false

    /// Of what is known: the address, else the name. As it is logged.
    private(set) var text: String

    init(addresses: [SocketAddress], name: String? = nil, source: SocketAddress? = nil, isTransparent: Bool = false, failure: String = "") {
        (self.addresses, self.name, self.source, self.isTransparent, self.failure) = (addresses, name, source, isTransparent, failure)
        self.text = Self.text(addresses, name)
    }

    private static func text(_ addresses: [SocketAddress], _ name: String?) -> String { addresses.first?.text ?? name ?? "" }

    /// A connection stood: the session's later ones go to the same address, from the same address.
    mutating func settle(from source: SocketAddress?) {
        self.hasStood = true
        if self.addresses.count > 1 { self.addresses = Array(self.addresses.prefix(1)) }
        if self.source == nil { self.source = source?.anyPort }
    }

    /// What `connections` and `pause` are counted under.
    var places: ConnectionLimiter.Key? {
        self.addresses.first.map { ConnectionLimiter.Key(source: self.isTransparent ? self.source : nil, remote: $0.unmapped) }
    }
}
