public import NIOCore
public import SMTPWire

/// What a session is told when it begins, whoever the remote is.
public struct Settings: Hashable, Sendable {
    /// How Mailshim names itself in replies of its own.
    public var hostname: String
    public var timeouts: Timeouts
    public var replyLines: Int
    public var recipients: Int
    public var lineEndings: MailDataScanner.LineEndings

    public init(
        hostname: String, timeouts: Timeouts = Timeouts(), replyLines: Int = Limits.replyLines, recipients: Int = Limits.recipients,
        lineEndings: MailDataScanner.LineEndings = .repair
    ) {
        self.hostname = hostname
        self.timeouts = timeouts
        self.replyLines = replyLines
        self.recipients = recipients
        self.lineEndings = lineEndings
    }
}

/// mailshim.example.toml `[timeouts]`; RFC 5321 §4.5.3.2.
public struct Timeouts: Hashable, Sendable {
    /// Between two replies of a pipelined group, once one has come: what is missing then may never come. No key of the config.
    static let group = TimeAmount.seconds(60)
    /// A TLS handshake (and, in the shell, a connect).
    public var connect = TimeAmount.seconds(30)
    public var greeting = TimeAmount.minutes(5)
    public var command = TimeAmount.minutes(5)
    public var data = TimeAmount.minutes(2)
    public var content = TimeAmount.minutes(3)
    public var done = TimeAmount.minutes(15)
    public var idle = TimeAmount.minutes(5)
    public var repair = TimeAmount.seconds(120)
    /// For the close that follows our QUIT.
    public var quit = TimeAmount.seconds(1)

    public init() {}
}
