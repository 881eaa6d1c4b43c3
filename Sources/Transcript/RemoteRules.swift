public import SMTPSession

/// What a config says of a remote, in place of what a transcript's header says of rules.
public protocol RemoteRules: Sendable {
    /// - Parameters:
    ///   - remote: the address with its port, as the header has it; nil: it is chosen at the first RCPT.
    ///   - host: the name in its greeting, once that is known.
    ///   - domains: of recipients, so far.
    func profile(remote: String?, host: String?, domains: [String]) -> Profile

    /// Time-outs and limits; the header's own come before them.
    var settings: Settings { get }
}
