import SMTPWire

/// An AUTH exchange of the gateway (RFC 4954): what it said, so that extra connections can say it again.
struct Authentication: Hashable, Sendable {
    let mechanism: String
    /// The command, then the answers to challenges.
    var said: [Secret]

    /// What the gateway hears, whatever the remote says: its answer could not be passed on, and the exchange is cancelled.
    var refusal: Reply?

    init(mechanism: String, said: [Secret]) {
        self.mechanism = mechanism
        self.said = said
    }

    /// What is said does not depend on the challenge, so it may be said again.
    static let replayable: Set<String> = ["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"]

    var isReplayable: Bool { Self.replayable.contains(self.mechanism) }

    /// Whether a mechanism may show the remote the password, or a token as good as one: all do that are not known for proving it without.
    static func reveals(_ mechanism: String) -> Bool { !Self.proving.contains(mechanism) && !mechanism.hasPrefix("SCRAM-") }

    private static let proving: Set = ["CRAM-MD5", "DIGEST-MD5", "GSSAPI", "GSS-SPNEGO", "GS2-KRB5", "NTLM"]

    /// Channel binding cannot hold across a proxy, and EXTERNAL means a certificate that the remote does not see.
    static func isImpossible(_ mechanism: String) -> Bool { mechanism.hasSuffix("-PLUS") || mechanism == "EXTERNAL" }
}
