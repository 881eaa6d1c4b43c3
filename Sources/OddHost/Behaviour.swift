public import NIOCore

/// How a host behaves: a value, so that a test can say in one expression what is odd about it.
///
/// `Behaviour()` is a healthy host. The founding family (docs/quirks.md 2.1) is `shape`; everything that is odd once, or at one
/// command, is an `Exception`, asked first and in order; the rest are the properties below.
public struct Behaviour: Sendable {
    public var shape: Shape = .healthy

    /// Asked at every command, in order; the first that matches decides.
    public var exceptions: [Exception] = []

    /// The name in the greeting, in the reply to EHLO and in the log of whoever talks to it.
    public var hostname = "odd.example"

    /// The whole greeting, lines parted by `\n`; nil for a host that waits to be spoken to.
    public var greeting: String? = "220 odd.example ESMTP"

    /// What EHLO offers: the n-th connection is offered the n-th list, and so on in a circle (pools of unlike hosts).
    public var offers: [[String]] = [Behaviour.keywords]

    /// Nil: no TLS, and STARTTLS is not known.
    public var tls: HostTLS?

    /// `MAIL` needs AUTH (530).
    public var needsAuthentication = false

    /// Takes `DATA` (354) although no recipient was accepted, and answers the end of data 554.
    public var takesDataWithoutRecipients = false

    /// The trap of law 4: the sender of a finished message is never forgotten, so that `RCPT` and `DATA` are taken after a
    /// refused `MAIL` and the message is delivered in the name of the first. Such a message carries its `refusedSender`.
    public var keepsOldSender = false

    /// Any LF ends a line of content, so that `LF.LF` ends a message (CVE-2023-51764): a host for smugglers.
    public var endsContentAtAnyLineFeed = false

    /// Answers in the middle of content.
    public var early: EarlyReply?

    /// 421 and close after so long without a word.
    public var idle: TimeAmount?

    /// At most so many connections at once; more are greeted with `refusal`.
    public var connections: Int?

    /// At least so long between the end of one connection and the start of the next, else `refusal`.
    public var pause: TimeAmount?

    /// Every connection after the first so many is greeted with `refusal`.
    public var refusesAfter: Int?

    /// The greeting of a connection that is too many.
    public var refusal = "421 4.7.0 odd.example Too many connections, try again later"

    /// Replies are written byte by byte, so far apart.
    public var bytewise: TimeAmount?

    public init(_ shape: Shape = .healthy) { self.shape = shape }

    /// What a modern host offers.
    public static let keywords = ["PIPELINING", "SIZE 52428800", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN", "SMTPUTF8", "CHUNKING"]
}

/// A reply in the middle of content.
public struct EarlyReply: Sendable {
    public enum Then: Sendable {
        /// Reads to the final dot, which gets no answer of its own.
        case readsOn
        /// Closes at once: whoever is still writing meets a reset.
        case closes
        /// Reads no more, but keeps the connection.
        case stopsReading
    }

    /// After so many octets of content.
    public var octets: Int
    public var reply: String
    public var then: Then
    /// Which connections it happens on, counted from 1.
    public var connections: @Sendable (Int) -> Bool

    public init(
        after octets: Int, _ reply: String = "552 5.3.4 Message too big", then: Then = .readsOn,
        on connections: @escaping @Sendable (Int) -> Bool = { _ in true }
    ) {
        self.octets = octets
        self.reply = reply
        self.then = then
        self.connections = connections
    }
}
