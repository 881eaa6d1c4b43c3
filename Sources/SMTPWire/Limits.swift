/// Every bound on what is read from the wire, in one place, beside its source.
public enum Limits {
    /// Octets of a command line with its CRLF. RFC 5321 §4.5.3.1.4 asks for 512 and more where extensions lengthen it; Postfix takes 2048.
    public static let commandLine = 2048
    /// Octets of an AUTH command or of an answer to a challenge, with CRLF. RFC 4954 §4.
    public static let authenticationLine = 12288
    /// Octets kept of a command line that was longer than it may be, for the log.
    public static let overlongLine = 512
    /// Answers to challenges of one `AUTH`. No mechanism needs more than four.
    public static let authenticationSteps = 16
    /// Octets of one line of a reply with its line end; what is beyond is dropped. RFC 5321 §4.5.3.1.5 says 512; Postfix takes 2048.
    public static let replyLine = 2048
    /// Lines of one reply, by default (config `limits.reply-lines`). RFC 5321 sets none.
    public static let replyLines = 128
    /// Of an EHLO reply: keywords that are kept (RFC 5321 sets no number; real hosts offer a dozen), and octets of one of them with its arguments.
    public static let keywords = 64
    public static let keyword = 512
    /// What one session does in one turn of its event loop: commands, replies and pieces of content that are worked off, and octets of the gateway in them (the
    /// largest read, and what may wait before it). The rest comes in a next turn, so that no session stalls the others.
    public static let turnSteps = 64
    public static let turnOctets = 524_288 + 65_536
    /// Octets of one `BDAT` chunk: what fits a signed 63-bit number is understood. RFC 3030 §2.
    public static let chunk = Int.max
    /// Recipients of one transaction, by default (config `limits.recipients`). RFC 5321 §4.5.3.1.8 asks for 100 at least.
    public static let recipients = 50_000
    /// Commands in a row that are a gateway's own fault: no command, or in no place for it. Postfix ends a session at 20 errors (`smtpd_hard_error_limit`).
    public static let faults = 50
    /// `BDAT` commands of one transaction (docs/quirks.md 5.5, Postfix 20260805: tiny chunks exhausted its memory).
    public static let chunks = 100_000
}
