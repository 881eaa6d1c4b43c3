public import SMTPWire

/// What came, or did not come, and at which moment of a session: what quirks are asked about.
public struct Observation: Hashable, Sendable {
    public enum Moment: UInt8, Hashable, Sendable, CaseIterable {
        /// The remote's greeting.
        case greeting
        /// The reply to EHLO or HELO.
        case hello
        /// The reply to STARTTLS, or the TLS handshake.
        case tls
        case mail, rcpt, data
        /// A chunk of `BDAT`.
        case chunk
        /// The end of the mail data.
        case contentEnd
        case reset
        /// Nothing was owed.
        case idle
        case other
    }

    public let moment: Moment
    /// The command in question, as it was sent; nil for a greeting, and where nothing was owed.
    public let sent: Command?
    public let answer: Answer

    public init(_ answer: Answer, to sent: Command?, at moment: Moment? = nil) {
        self.moment = moment ?? sent.map { Moment(of: $0) } ?? .idle
        self.sent = sent
        self.answer = answer
    }
}

extension Observation.Moment {
    public init(of command: Command) {
        self =
            switch command.body {
            case .ehlo, .helo: .hello
            case .starttls: .tls
            case .mail: .mail
            case .rcpt: .rcpt
            case .data: .data
            case .bdat: .chunk
            case .rset: .reset
            case .noop, .quit, .auth, .vrfy, .expn, .help, .other, .malformed: .other
            }
    }
}

/// What came back for a command.
public enum Answer: Hashable, Sendable {
    case reply(Reply)
    /// The connection was closed instead, so long after the reply before.
    case closed(after: Duration)
    /// There is no TLS on this connection.
    case tlsFailed(TLSFailure)
    /// Nothing came in its time.
    case timedOut
    /// What came is no reply (RFC 5321 §4.2).
    case garbled(ReplyFault)
    /// A reply came that nothing had asked for.
    case unsolicited(Reply)

    /// What kinds of answer a quirk can watch for.
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// 2xx, 3xx.
        case accepted
        /// 4xx, 5xx.
        case refused
        case closed
        case tlsFailed
        case timedOut, garbled, unsolicited
    }

    public var kind: Kind {
        switch self {
        case .reply(let reply): reply.code >= 400 ? .refused : .accepted
        case .closed: .closed
        case .tlsFailed: .tlsFailed
        case .timedOut: .timedOut
        case .garbled: .garbled
        case .unsolicited: .unsolicited
        }
    }

    /// As it stands in evidence and log.
    public var words: String {
        switch self {
        case .reply(let reply): reply.line
        case .closed: "(closed)"
        case .tlsFailed(let failure): failure.because
        case .timedOut: "(no reply)"
        case .garbled(let fault): "(\(fault))"
        case .unsolicited(let reply): reply.line
        }
    }
}

/// The moments and kinds of answer that a quirk wants to be asked about. What nobody watches costs nothing: no observation is made.
public struct Watches: Hashable, Sendable {
    private var bits: UInt128 = 0

    public static let none = Watches()

    public init() {}

    public init(_ kinds: [Answer.Kind], at moments: [Observation.Moment]) {
        for moment in moments { for kind in kinds { self.bits |= Self.bit(moment, kind) } }
    }

    public func contains(_ moment: Observation.Moment, _ kind: Answer.Kind) -> Bool { self.bits & Self.bit(moment, kind) != 0 }

    public mutating func formUnion(_ other: Watches) { self.bits |= other.bits }

    public static func + (left: Watches, right: Watches) -> Watches {
        var sum = left
        sum.formUnion(right)
        return sum
    }

    private static func bit(_ moment: Observation.Moment, _ kind: Answer.Kind) -> UInt128 { 1 << UInt128(moment.rawValue * 8 + kind.rawValue) }
}
