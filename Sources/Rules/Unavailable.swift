/// What is planned and this version does not have yet: a clear config error rather than silently ignored.
/// Whoever builds one of them removes its word here; nothing else has to change for the config to take it.
struct Unavailable: Hashable, Sendable {
    var destinations: Set<String>
    /// Words of `tls` in tables for remotes.
    var remoteTLS: Set<String>

    static let inThisVersion = Unavailable(destinations: ["socks5", "proxy-protocol", "mx"], remoteTLS: ["dane"])

    static let nothing = Unavailable(destinations: [], remoteTLS: [])
}
