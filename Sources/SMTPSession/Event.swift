public import NIOCore
public import QuirkKit
public import SMTPWire

/// The two legs of a session.
public enum Side: Hashable, Sendable { case gateway, remote }

/// Everything that can happen to a session.
public enum Event: Hashable, Sendable {
    /// The gateway connected. Always the first event.
    indirect case opened(Opening)
    /// The connection that `.connect` asked for stands. What arrives from now on as `.reply` is its.
    /// - Parameter alongside: other connections of ours to this host that are past their greeting, or were closed within the last five seconds.
    case connected(alongside: Int = 0)
    case connectFailed(ConnectFailure)
    /// What the rules and the memory say of the remote, as far as it is known by now. Comes after `.opened`, and after each `.lookUp`.
    indirect case profile(Profile)
    /// Where to, for `.route`. Only in sessions whose remote is chosen at the first RCPT.
    case routed(RouteAnswer)

    /// TLS stands on a leg.
    case secured(Side, Security)
    /// It does not, and the connection is gone or good for nothing.
    case securingFailed(Side, TLSFailure)

    case command(Command)
    /// `AUTH` with a mechanism's name in upper case, and the whole line; or an answer to a challenge, with its CRLF.
    case authenticate(mechanism: String, Secret)
    case response(Secret)
    /// Such an answer is no line that could be passed on; it is gone.
    case faultyResponse(CommandFault)
    /// Mail data between 354 and the final dot, line ends repaired. `end`: the final dot was read.
    case content(MailDataScanner.Piece)
    /// Octets of the current `BDAT` chunk.
    case octets(ByteBuffer)

    case reply(Reply)
    /// What came from the remote is no reply.
    case garbled(ReplyFault)
    /// Octets came from the remote although it owes nothing, and a command has to go to it: they must not be taken for its reply (law 3).
    case outOfStep

    /// Bytes came behind STARTTLS or behind the 220 to it (docs/quirks.md 5.3).
    case injected(Side)

    /// What `.sendWhenDrained` asked for: its octets were written, or they were not and will not be.
    case drained
    case notDrained

    /// The peer closed its sending half: it says nothing more, but may still listen.
    case ended(Side)
    /// The connection is gone.
    case closed(Side)

    /// Another session waits for this one's place at the remote (`connections`).
    case placeWanted
    /// May this session do without the learned quirk, to see whether it is still needed?
    case probe(granted: Bool)
    /// The moment in `Session.deadline` has come.
    case tick
    /// It has come, and the gateway is not read because the remote takes no more: if the content stalls, it is the remote's doing. `.tick` follows.
    case remoteFull
    /// A graceful stop: finish the message in progress, then say 421.
    case shutdown
    /// Its time is up (`drain`): everything ends now.
    case timeIsUp
}

public struct Opening: Hashable, Sendable {
    /// The remote as it is logged ("192.0.2.1:25"); nil where it is chosen at the first RCPT.
    public var remote: String?
    public var gateway: GatewayTerms

    public init(remote: String?, gateway: GatewayTerms = GatewayTerms()) {
        self.remote = remote
        self.gateway = gateway
    }
}

public enum RouteAnswer: Hashable, Sendable {
    case remote(String)
    /// A reply for the RCPT: no such domain, DNS down, ...
    case failed(Reply)
}

/// Why there is no connection.
public enum ConnectFailure: Hashable, Sendable {
    /// In words, for the gateway and the log: "connection refused", "timed out after 30 s".
    case failed(String)
    /// No place came free within 30 s (`connections`).
    case noPlace
    /// An extra connection was refused a short while ago, so none is tried (60 s, doubling).
    case backedOff
}

/// What applies to the remote, from the rules and from what was learned.
public struct Profile: Hashable, Sendable {
    /// What rules and the learned store say of its quirks.
    public var layers: [Layer]
    /// Quirks that are neither looked for nor applied.
    public var ignored: Set<String>
    /// Quirks whose repair failed at this host within the last hour: it is not tried again.
    public var barred: Set<String>
    /// EHLO keywords that are shown although Mailshim does not know them.
    public var shownKeywords: Set<String>
    /// Relay everything unread.
    public var bypass: Bool
    /// What address, host and default tables demand of connections to this remote.
    public var tls: TLSDemand
    /// What domain tables demand for recipients of these domains.
    public var tlsOfDomains: [String: TLSDemand]
    /// Whether passwords may go to a remote whose certificate was not verified (`auth = "unverified"`).
    public var authUnverified: Bool
    /// Whether domain tables exist, so that each new recipient domain has to be looked up.
    public var asksForDomains: Bool
    /// What the host did well lately, to any session.
    public var abilities: Set<Ability>
    /// What refusals may mean, if their senders are accepted as the first of a connection (`Note.suspected`).
    public var suspicions: [Finding] = []

    public init(
        layers: [Layer] = [], ignored: Set<String> = [], barred: Set<String> = [], shownKeywords: Set<String> = [], bypass: Bool = false,
        asksForDomains: Bool = false, tls: TLSDemand = .opportunistic, tlsOfDomains: [String: TLSDemand] = [:], authUnverified: Bool = false,
        abilities: Set<Ability> = []
    ) {
        self.tls = tls
        self.tlsOfDomains = tlsOfDomains
        self.authUnverified = authUnverified
        self.layers = layers
        self.ignored = ignored
        self.barred = barred
        self.shownKeywords = shownKeywords
        self.bypass = bypass
        self.asksForDomains = asksForDomains
        self.abilities = abilities
    }
}
