import QuirkKit
import SMTPWire
import Testing

/// docs/quirks.md 2.2: what real hosts say when a connection has had its share, and what they say when it is something else.
@Suite struct EvidenceTests {
    struct Kind: OptionSet, Hashable, CustomStringConvertible {
        let rawValue: Int
        static let sequence = Kind(rawValue: 1)
        static let session = Kind(rawValue: 2)
        static let policy = Kind(rawValue: 4)
        static let idle = Kind(rawValue: 8)

        var description: String {
            let names = [(Kind.sequence, "sequence"), (.session, "session"), (.policy, "policy"), (.idle, "idle")]
            return "[\(names.filter { self.contains($0.0) }.map(\.1).joined(separator: ", "))]"
        }
    }

    @Test(arguments: Self.sequenceErrors) func `sequence errors`(_ line: String) throws { #expect(try Self.kind(of: line) == .sequence) }

    @Test(arguments: Self.sessionLimits) func `limits of this session`(_ line: String) throws {
        #expect(try Self.kind(of: line).subtracting([.policy, .sequence]) == .session)
    }

    @Test(arguments: Self.policies) func `policy and limits of other kinds`(_ line: String) throws {
        #expect(try Self.kind(of: line).subtracting(.sequence) == .policy)
    }

    @Test(arguments: Self.idlenesses) func `idle time-outs`(_ line: String) throws { #expect(try Self.kind(of: line) == .idle) }

    @Test(arguments: Self.nothings) func `says nothing of the kind`(_ line: String) throws { #expect(try Self.kind(of: line) == []) }

    static func kind(of line: String) throws -> Kind {
        let reply = try Self.reply(line)
        var kind: Kind = []
        if reply.isSequenceError { kind.insert(.sequence) }
        if reply.namesThisSession { kind.insert(.session) }
        if reply.isPolicy { kind.insert(.policy) }
        if reply.speaksOfIdleness { kind.insert(.idle) }
        return kind
    }

    static let sequenceErrors = [
        "503 Sender already specified", "503 5.5.0 Sender already specified", "503 5.5.2 Sender already specified",
        "503 5.5.1 Error: nested MAIL command", "503 Error: nested MAIL command", "503 sender already given",
        "503 Issue a reset if you want to start over", "501 5.5.1 MAIL FROM already established", "503 5.5.1 Nested MAIL command",
        "503 NESTEDEMAIL nested MAIL command", "503 Bad sequence of commands", "503 5.5.1 Error: Bad sequence", "501 sender already given",
        "500 Bad sequence of commands", "501 5.5.1 Command out of sequence", "500 5.5.1 Invalid command", "501 Nested MAIL command",
        "501 duplicate MAIL: issue a reset first", "501 5.5.1 Sender address already specified",
    ]

    static let sessionLimits = [
        "421 Max message per connection reached, closing transmission channel", "421 too many messages in this connection",
        "421 Maximum message count per session reached", "421 #4.x.2 Too many messages for this session",
        "452 4.3.1 Too many messages for this session", "421 Exceeded allowable connection time",
        "451 4.7.0 The mail server [192.0.2.7] has exceeded maximum number of messages per connection",
        "421 SMTP session maximum lifetime has been reached, please reconnect", "452 4.1.0 mail.example.net Max messages per session",
        "421 mx.example.net Too many messages for this session", "452 4.5.3 Service unavailable, batch limit reached",
        "421 4.7.0 mail.postfix.local Error: too many errors", "421 4.7.0 Too many errors on this connection, closing transmission channel",
        "452 4.3.0 Too many mails in this SMTP session.", "450 Maximum transactions per conversation exceeded",
        "550 only one message per connection", "421-4.3.2 mx.example.net\n4.3.2 too many e-mails in one session --",
        // The name of a host says nothing.
        "421 greylist.example.net too many messages in this connection", "421 ip-192-0-2-7.example Maximum message count per session reached",
        "503 Too many messages in this connection",
        // Words about this session win over recipients, and over "try again later".
        "452 Exceeded limit for recipients per connection.", "452 4.5.3 Too many recipients in this session",
        "421 4.5.3 mx too many recipients on this connection", "421 Too many messages in this session, try again later",
        "452 4.3.2 Message limit per-connection reached; try later.", "421 4.7.0 max. 20 messages/session, closing connection",
        "421 Maximum messages per SMTP session exceeded.Please reconnect", "421 too many e-mails in your current session",
        "452 No more messages on this connection", "421 4.3.2 Session duration exceeded",
    ]

    static let policies = [
        // Whoever is kept out.
        "501 sender is already blocked", "421 mx.example.net Intrusion prevention active for [192.0.2.7]", "421 access denied, poor reputation",
        "450 4.7.1 Greylisted, see https://example.net/greylist", "451 4.7.1 Greylisting in action, please come back in 00:05:00",
        "450 Greylisted for 300 seconds", "451 graylisted", "450 you are on our grey list", "421 4.7.0 Try again later, closing connection.",
        "421 #4.4.5 Too many connections from your host", "421 #4.4.5 Too many connections to this listener",
        "421 4.3.2 The maximum number of concurrent connections per resource forest has exceeded a limit, closing transmission channel",
        "421 mwinf5c42 ME Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR004_104 [104]",
        "450 4.7.1 too many recipients", "452 Too many recipients ", "421 Too many messages from your IP, closing connection",
        "421 too many messages per hour in one session", "450 4.7.1 too many messages from your address this hour",
        "550 5.7.1 daily message limit exceeded", "450 message limit per day reached for this session",
        "421 4.4.2 Message submission rate for this client has exceeded the configured limit", "421 Rate limit exceeded",
        "421 4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1",
        "421-4.7.28 Gmail has detected an unusual rate of mail\n4.7.28 from this connection, exceeding our limits", "421 sending too fast, throttled",
        "530 5.7.0 Must issue a STARTTLS command first", "554 5.7.1 Messages over unencrypted connections are not accepted",
        "503 5.7.0 Error: access denied", "452 Simultaneous sessions exceed the limit", "450 too many mails today in this session",
        "452 4.5.3 too many messages in 60 minutes per session", "421 100 messages per 3600 seconds on this connection: limit reached",
        "421 4.7.1 too many invalid recipients in this session", "421 too many unknown users in this connection",
        "421 too many messages from your server",
        "452 4.5.3 Too many recipients", "452 4.5.3 Too many recipients for this message in this session",
        "421 4.4.5 too many sessions; at most 2 per host",
    ]

    static let idlenesses = [
        "421 gmx.net Service closing transmission channel - command timeout", "421 4.4.2 mx.example.net Error: timeout exceeded",
        "421 4.4.1 Connection timed out", "421 idle too long", "421 mx.example.net: SMTP command time-out - closing connection",
        "421 closing connection (inactivity)", "421 Idling too long",
        "421 4.4.1 Connection timed out. Total session duration: 00:20:05", "421 connection time out", "421 session time-out",
    ]

    static let nothings = [
        "421 4.0.0 Server closing connection", "421 Service not available, closing transmission channel",
        "421 Exceeded bad SMTP command limit, disconnecting", "451 too many messages", "470 you sent too many e-mails",
        "452 4.3.1 Insufficient system storage", "550 5.1.8 Bad sender", "452 4.2.2 Mailbox has too many messages, closing connection",
        "550 This system accepts no messages over unencrypted connections", "450 mail from this connection is not welcome",
        "421 interrupted in the middle of the session", "451 4.4.3 lookup failed after the connection times out", "421 generated by a separate host",
        "550 moderate mail only", "421 4.3.2 System not accepting network messages", "421",
        // What others wrote, and names.
        "550 5.1.1 <unknown@connection.com>: User unknown", "550 5.1.1 <too many messages per session@example.net>: User unknown",
        #"550 5.1.1 <"a>b too many mails per session"@example.net>: unknown"#, "450 4.1.1 throttled@rate-limit.example: no such user",
        #"450 4.4.0 it said "too many messages in this connection""#, #"450 4.4.0 it said "too many messages in this connection"#,
        "450 4.4.0 host mx.example.com[192.0.2.9] said: 452 too many messages in this session (in reply to RCPT TO command)",
        "451 response from mx.example.com was: 421 too many messages in this connection", "450 remote returned '452 too many messages per session'",
        "554 see https://example.net/too-many-connections/rate-limit", "550 mail-limit-per-session-01.example.net no",
        // 500 and 501 of the command itself.
        "500 Unrecognized command", "501 5.1.7 Bad sender's mailbox address syntax", "501 5.1.8 Sender domain must exist",
        "501 5.5.4 Syntax: MAIL FROM:<address>", "500 5.5.2 Error: bad syntax", "500 5.5.1 Command unrecognized", "501 5.5.1 Invalid argument",
        "501 5.5.4 sender already specified", "501 Syntactically invalid argument(s)",
        "501 <nested@sequence.example>: no",
        // One message, not many.
        "552 5.3.4 message size exceeds the limit of this session", "554 only encrypted mail is taken on this connection",
    ]

    /// The command that is answered tells what can be meant.
    @Test(arguments: Self.atMail) func `limits of this session, at MAIL`(_ line: String) throws {
        #expect(try Self.reply(line).isLimitOfSession(at: Self.mail))
    }

    @Test(arguments: Self.notAtMail) func `no limits of this session, at MAIL`(_ line: String) throws {
        #expect(try !Self.reply(line).isLimitOfSession(at: Self.mail))
    }

    @Test(arguments: Self.atRecipient) func `limits of this session, at RCPT`(_ line: String) throws {
        #expect(try Self.reply(line).isLimitOfSession(at: Self.rcpt))
    }

    @Test(arguments: Self.notAtRecipient) func `no limits of this session, at RCPT`(_ line: String) throws {
        #expect(try !Self.reply(line).isLimitOfSession(at: Self.rcpt))
    }

    @Test(arguments: Self.connections) func `refuses the connection or its rate`(_ line: String) throws {
        #expect(try Self.reply(line).refusesConnection)
    }

    @Test(arguments: Self.verdicts) func `refuses the command`(_ line: String) throws { #expect(try !Self.reply(line).refusesConnection) }

    @Test(arguments: Self.ends) func `time is over`(_ line: String) throws { #expect(try Self.reply(line).isEndOfTime) }

    @Test(arguments: Self.notEnds) func `something else is over`(_ line: String) throws { #expect(try !Self.reply(line).isEndOfTime) }

    static let mail = Command(line: Array("MAIL FROM:<a@example.org>\r\n".utf8))
    static let rcpt = Command(line: Array("RCPT TO:<a@example.org>\r\n".utf8))

    static func reply(_ line: String) throws -> Reply { Reply(try #require(Int(line.prefix(3))), String(line.dropFirst(4))) }

    static let atMail =
        sessionLimits + [
            // OpenSMTPD, from the 101st on.
            "452 4.5.3 Too many recipients: Too many messages sent", "452 Too many recipients ", "451 4.5.3 come back on another connection",
            "550 5.5.3 Too many recipients", "421 maximum recipients reached", "452 4.5.3 Too many recipients, try again later",
        ]

    static let notAtMail =
        policies.filter {
            $0 != "452 Too many recipients " && $0 != "452 4.5.3 Too many recipients" && !$0.hasSuffix("for this message in this session")
        }
        + idlenesses + nothings + [
            "452 4.5.3 Too many recipients received this hour", "450 4.7.1 too many recipients", "452 4.5.3 too many recipients from your IP",
            "450 4.2.1 too many recipients", "450 4.5.3 too many recipients",
        ]

    static let atRecipient = [
        "421 4.5.3 mx too many recipients on this connection", "421 too many messages in this connection",
        "452 4.5.3 Too many recipients in this session",
        "452 4.3.1 Too many messages for this session", "451 4.4.5 message limit per connection exceeded",
        "550 5.3.2 only one message per connection",
        "421 #4.x.2 Too many messages for this session", "421 Exceeded allowable connection time", "421 4.7.0 Too many messages per-session",
    ]

    static let notAtRecipient = [
        "452 Too many messages in this session", "450 4.7.1 too many messages in this connection", "550 5.7.1 too many messages per session",
        "452 4.5.3 Too many recipients", "452 4.2.2 too many messages in this session", "421 4.2.1 too many messages in this session",
        "550 5.1.1 too many messages in this session", "550 5.5.3 Too many recipients in this session",
        "450 4.3.0 <x@example.net>: host mx.example.com said: 421 too many messages in this connection",
        #"421 4.3.0 "too many messages in this connection""#, "421 4.7.0 mx.example.net Error: too many errors",
        "421 4.3.2 too many invalid recipients in this session", "421 4.3.0 going down", "452 4.5.3 too many recipients this hour in this session",
        "452 4.3.1 Insufficient system storage",
    ]

    static let connections = [
        "550 5.7.1 too many connections from your address", "421 Too many concurrent SMTP connections", "450 4.7.1 rate limit exceeded",
        "550 sending too fast", "451 throttled", "421 4.3.2 too many messages in this connection", "554 5.7.1 Connection refused",
        "450 4.4.5 connection rate limit", "550 slow down",
    ]

    static let verdicts = [
        "550 5.1.1 no such user, closing connection", "550 no such user, closing connection", "550 5.1.1 <unknown@connection.com>: User unknown",
        "550 <throttle@too-fast.example>: User unknown", "550 5.2.1 too many connections to this mailbox", "450 4.2.1 receiving mail too quickly",
        "550 5.1.1 rate limit", #"550 5.7.1 refused: "rate limit""#, "554 5.7.1 Messages over unencrypted connections are not accepted",
        "550 5.7.1 relaying denied", "550 rate-limit@example.net unknown", "554 5.7.1 message rejected, connection will be closed",
        "250 too many connections",
    ]

    static let ends = [
        "421 4.4.1 Connection timed out. Total session duration: 00:20:05", "421 4.4.2 mx.example.net Error: timeout exceeded",
        "421 SMTP session maximum lifetime has been reached, please reconnect", "421 Exceeded allowable connection time",
        "421 4.4.2 idle for too long",
    ]

    static let notEnds = [
        "451 4.4.1 Connection timed out", "421 4.3.0 going down", "421 4.7.0 Connection timed out", "421 timeout: too many connections",
        "421 4.2.1 mailbox timed out", #"421 4.3.0 "timed out""#,
    ]
}
