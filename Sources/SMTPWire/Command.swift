/// One command line of a gateway: RFC 5321 §4.1, RFC 3030 §2 (`BDAT`), RFC 3207 (`STARTTLS`), RFC 4954 (`AUTH`).
///
/// Parsed once; the octets are kept, so that a command that was not changed is sent on exactly as it came.
public struct Command: Hashable, Sendable {
    /// The whole line with its CRLF, copied out of the receive buffer.
    public let bytes: [UInt8]
    public let body: Body

    public enum Body: Hashable, Sendable {
        case ehlo(String)
        case helo(String)
        case mail(Mail)
        case rcpt(Recipient)
        case data
        case bdat(Chunk)
        case rset
        case noop
        case quit
        case starttls
        /// The mechanism's name in upper case. The initial response is only in `bytes`, and never in `text`.
        case auth(mechanism: String)
        case vrfy
        case expn
        case help
        /// Any other verb, in upper case.
        case other(String)
        case malformed(CommandFault)
    }
}
