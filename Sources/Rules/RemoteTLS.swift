/// TLS towards remotes: docs/tls.md.
public enum RemoteTLS: Hashable, Sendable {
    case off
    /// Where it is offered.
    case opportunistic
    /// The gateway's own, relayed unread.
    case passthrough
    case required
    /// From the first byte.
    case implicit
    /// Chain and name; any of these names, or the remote's own where there are none.
    case verified(names: [String])
    case dane

    /// Of several tables that match a remote, the one that asks for most wins. `passthrough` does what the gateway does,
    /// which can be nothing, so a table that demands encryption wins over it.
    public var strictness: Int {
        switch self {
        case .off: 0
        case .opportunistic: 1
        case .passthrough: 2
        case .required: 3
        case .implicit: 4
        case .verified: 5
        case .dane: 6
        }
    }

    /// As it is written in the config file.
    public var word: String {
        switch self {
        case .off: "off"
        case .opportunistic: "opportunistic"
        case .passthrough: "passthrough"
        case .required: "required"
        case .implicit: "implicit"
        case .verified: "verified"
        case .dane: "dane"
        }
    }
}
