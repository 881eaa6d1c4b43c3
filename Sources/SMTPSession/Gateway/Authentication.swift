import SMTPWire

/// An AUTH exchange of the gateway (RFC 4954): what it said, so that extra connections can say it again.
struct Authentication: Hashable, Sendable {
    let mechanism: String
    /// The command, then the answers to challenges.
    var said: [Secret]

    /// The host found the line with the token too long: the command goes alone, and the token behind the 334.
    struct Split: Hashable, Sendable {
        /// What it said of the line.
        let refusal: Reply
        /// Nil: it was said.
        var token: Secret?
    }

    var split: Split?

    /// The same exchange with the token behind the 334, where that is why this reply refuses it. Once.
    func parted(after reply: Reply) -> Authentication? {
        guard reply.code == 500, reply.text.lowercased().contains("too long"), self.split == nil, self.said.count == 1, let line = self.said.first else {
            return nil
        }
        guard let token = line.withOctets(Self.token(in:)) else { return nil }
        var parted = self
        parted.said = [Secret(Array("AUTH \(self.mechanism)\r\n".utf8)), token]
        parted.split = Split(refusal: reply, token: token)
        return parted
    }

    /// The initial response of `AUTH mechanism response`, with its line end. Nil: there is none, or an empty one (`=`).
    private static func token(in line: UnsafeRawBufferPointer) -> Secret? {
        let words = line.split(separator: UInt8(ascii: " "))
        guard words.count == 3, words[2].count > 3 else { return nil }
        return Secret(words[2])
    }

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
