import QuirkKit
import SMTPWire
import Testing

/// QUIRKS.md 2.2: what real hosts say when a connection has had its share, and what they say when it is something else.
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
        let reply = Reply(try #require(Int(line.prefix(3))), String(line.dropFirst(4)))
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
        "503 NESTEDEMAIL nested MAIL command", "503 Bad sequence of commands", "503 5.5.1 Error: Bad sequence", "500 Unrecognized command",
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
    ]

    static let policies = [
        "450 4.7.1 Greylisted, see https://example.net/greylist", "451 4.7.1 Greylisting in action, please come back in 00:05:00",
        "450 Greylisted for 300 seconds", "451 graylisted", "450 you are on our grey list", "421 4.7.0 Try again later, closing connection.",
        "421 #4.4.5 Too many connections from your host", "421 #4.4.5 Too many connections to this listener",
        "421 4.3.2 The maximum number of concurrent connections per resource forest has exceeded a limit, closing transmission channel",
        "421 mwinf5c42 ME Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR004_104 [104]",
        "450 4.7.1 too many recipients", "452 Too many recipients ", "452 Exceeded limit for recipients per connection.",
        "452 4.5.3 Too many recipients in this session", "421 Too many messages from your IP, closing connection",
        "421 too many messages per hour in one session", "450 4.7.1 too many messages from your address this hour",
        "550 5.7.1 daily message limit exceeded", "450 message limit per day reached for this session",
        "421 4.4.2 Message submission rate for this client has exceeded the configured limit", "421 Rate limit exceeded",
        "421 4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1",
        "421-4.7.28 Gmail has detected an unusual rate of mail\n4.7.28 from this connection, exceeding our limits", "421 sending too fast, throttled",
        "530 5.7.0 Must issue a STARTTLS command first", "554 5.7.1 Messages over unencrypted connections are not accepted",
        "503 5.7.0 Error: access denied", "452 Simultaneous sessions exceed the limit", "450 too many mails today in this session",
    ]

    static let idlenesses = [
        "421 gmx.net Service closing transmission channel - command timeout", "421 4.4.2 mx.example.net Error: timeout exceeded",
        "421 4.4.1 Connection timed out", "421 idle too long", "421 mx.example.net: SMTP command time-out - closing connection",
        "421 closing connection (inactivity)", "421 Idling too long",
    ]

    static let nothings = [
        "421 4.0.0 Server closing connection", "421 Service not available, closing transmission channel",
        "421 Exceeded bad SMTP command limit, disconnecting", "451 too many messages", "470 you sent too many e-mails",
        "452 4.3.1 Insufficient system storage", "550 5.1.8 Bad sender", "452 4.2.2 Mailbox has too many messages, closing connection",
        "550 This system accepts no messages over unencrypted connections", "450 mail from this connection is not welcome",
        "421 interrupted in the middle of the session", "451 4.4.3 lookup failed after the connection times out", "421 generated by a separate host",
        "550 moderate mail only", "421 4.3.2 System not accepting network messages", "421",
    ]
}
