import SMTPWire

/// An AUTH exchange of the gateway (RFC 4954): what it said, so that extra connections can say it again.
struct Authentication: Hashable, Sendable {
    let mechanism: String
    /// The command, then the answers to challenges.
    var said: [Secret]

    /// What is said does not depend on the challenge, so it may be said again.
    static let replayable: Set<String> = ["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"]

    var isReplayable: Bool { Self.replayable.contains(self.mechanism) }

    /// Whether a mechanism shows the remote the password, or a token as good as one.
    static func reveals(_ mechanism: String) -> Bool { Self.replayable.contains(mechanism) }

    /// Channel binding cannot hold across a proxy, and EXTERNAL means a certificate that the remote does not see.
    static func isImpossible(_ mechanism: String) -> Bool { mechanism.hasSuffix("-PLUS") || mechanism == "EXTERNAL" }
}
