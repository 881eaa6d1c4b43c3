/// Where gateways connect, and where their mail goes from there: `[[listener]]`.
public struct Listener: Hashable, Sendable {
    /// For the log; the text of the first `bind` where the file gives none.
    public var name: String
    /// Never empty.
    public var bind: [SocketEndpoint]
    public var destination: Destination
    /// Gateways that may connect.
    public var allow: [AddressRange]
    /// Nobody wrote `allow`: beside loopback every address that this machine has may connect, since a gateway on it comes from any of them when it is redirected.
    public var allowsThisMachine: Bool
    public var tls: ListenerTLS
    /// Whether passwords may be taken in clear text from gateways that are not on loopback.
    public var cleartextAuth: Bool
    /// Where mail goes while Mailshim does not run, as the file says; nil: it does not. See `Config.whenDown(of:)`.
    public var whenDown: WhenDown?
    /// Of its header in the file; 0 for the built-in listener.
    public var line: Int
    /// Of the value of its `tls`; nil where the file gives none.
    public var tlsAt: FilePosition?

    /// - Parameter allow: nil: loopback and this machine's own addresses.
    public init(
        name: String, bind: [SocketEndpoint], destination: Destination, allow: [AddressRange]? = nil, tls: ListenerTLS = .auto,
        cleartextAuth: Bool = false, whenDown: WhenDown? = nil, line: Int = 0, tlsAt: FilePosition? = nil
    ) {
        self.name = name
        self.bind = bind
        self.destination = destination
        self.allow = allow ?? AddressRange.loopback
        self.allowsThisMachine = allow == nil
        self.tls = tls
        self.cleartextAuth = cleartextAuth
        self.whenDown = whenDown
        self.line = line
        self.tlsAt = tlsAt
    }

    /// The one there is without a config file. `original` until there is routing by MX.
    public static let standard = Listener(name: "default", bind: [SocketEndpoint(host: "127.0.0.1", port: 2525)], destination: .original)
}

/// Where mail that is led to a listener goes while Mailshim does not run.
public enum WhenDown: String, Hashable, Sendable, CaseIterable {
    /// Past it.
    case direct
    /// Nowhere: it waits at the gateway.
    case refuse
}

/// A host and a TCP port.
public struct SocketEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// An address without brackets or a host name.
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `192.0.2.1:25`, `[2001:db8::1]:25`, `mx.example.com:25`.
    public var description: String { self.host.utf8.contains(UInt8(ascii: ":")) ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)" }
}

/// Where the remote's address comes from.
public enum Destination: Hashable, Sendable {
    /// Redirected by netfilter: the kernel knows.
    case original
    /// Likewise, and the remote sees the gateway's address.
    case tproxy
    /// `host` is an address without brackets or a host name.
    case fixed(host: String, port: Int)
    /// The gateway names it.
    case socks5
    /// A PROXY header names it.
    case proxyProtocol
    /// The recipient's domain, through DNS.
    case mx
}

/// TLS towards gateways.
public enum ListenerTLS: Hashable, Sendable {
    case off
    /// With a certificate that Mailshim makes itself.
    case auto(implicit: Bool)
    /// With these PEM files, as they are written in the config file. `implicit`: TLS from the first byte.
    case files(certificate: String, key: String, implicit: Bool)

    public static let auto = ListenerTLS.auto(implicit: false)
}

extension ListenerTLS {
    /// TLS from the first byte.
    public var isImplicit: Bool {
        switch self {
        case .off: false
        case .auto(let implicit), .files(_, _, let implicit): implicit
        }
    }
}
