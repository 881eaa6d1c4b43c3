/// `[admin]`: how a running Mailshim is asked and told.
public struct AdminSettings: Hashable, Sendable {
    public static let standardSocket = "/run/mailshim/admin.sock"

    /// Of the Unix socket that `mailshim status` and others speak over; nil: there is none.
    public var socket: String? = Self.standardSocket
    /// The file names it: then it is an error where it cannot be made.
    public var isSocketWritten = false
    /// Of health and metrics by HTTP; nil: there is none. A loopback address.
    public var http: SocketEndpoint?

    public init() {}
}
