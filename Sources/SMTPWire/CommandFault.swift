/// What is wrong with a command line. RFC 5321 §2.3.8 (line ends), §4.1.1 (syntax), §4.5.3.1 (length).
public enum CommandFault: Error, Hashable, Sendable {
    /// An LF without a CR before it, in the middle of the line.
    case bareLF
    /// A CR without an LF behind it.
    case bareCR
    case nul
    /// Longer than ``Limits/commandLine``, or ``Limits/authenticationLine`` for `AUTH`.
    case tooLong
    /// Octets above 127 that are not UTF-8 (RFC 6531 §3.1).
    case notUTF8
    /// The line does not begin with a verb: a letter, then letters, digits, "-" or "_".
    case noVerb
    /// The line is none of SMTP: an HTTP request, or the first line of a message's header; or it begins with what no verb begins with.
    case foreign
    /// A known verb with wrong arguments; what would be right, such as `MAIL FROM:<address>`.
    case syntax(String)

    /// The answer to it, given here: the remote never sees such a line.
    public var reply: Reply {
        switch self {
        case .bareLF: Reply(500, "5.5.2 Bare LF in command line")
        case .bareCR: Reply(500, "5.5.2 Bare CR in command line")
        case .nul: Reply(500, "5.5.2 NUL in command line")
        case .tooLong: Reply(500, "5.5.2 Command line too long")
        case .notUTF8: Reply(500, "5.5.2 Command line is neither ASCII nor UTF-8")
        case .noVerb, .foreign: Reply(500, "5.5.2 Command not recognized")
        case .syntax(let right): Reply(501, "5.5.4 Syntax: \(right)")
        }
    }
}
