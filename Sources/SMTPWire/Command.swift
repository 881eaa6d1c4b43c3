/// One command line of a gateway: RFC 5321 §4.1, RFC 3030 §2 (`BDAT`), RFC 3207 (`STARTTLS`), RFC 4954 (`AUTH`).
///
/// Parsed once; the octets are kept, so that a command that was not changed is sent on exactly as it came.
public struct Command: Hashable, Sendable {
    /// The whole line with its CRLF, copied out of the receive buffer. Of a line that was too long only the beginning.
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

    /// Takes any line, with or without its CRLF. What is wrong with it is told by `body`.
    public init(line bytes: [UInt8]) {
        var bytes = bytes
        if !bytes.ends(with: [.cr, .lf]) { bytes += [.cr, .lf] }
        self.body = CommandSyntax.body(of: bytes)
        self.bytes = bytes
    }

    /// Renders a command. One that cannot be put into one line that reads back as the same becomes `.malformed`, so nothing can be smuggled into it.
    public init(_ body: Body) {
        guard let line = CommandSyntax.render(body) else {
            self.init(bytes: [.cr, .lf], body: body)
            return
        }
        let command = Command(line: Array(line.utf8))
        if command.bytes.count > Limits.commandLine {
            self.init(tooLong: command.bytes)
        } else if command.body == body {
            self = command
        } else {
            self.init(bytes: command.bytes, body: command.fault ?? .malformed(.syntax(command.verb)))
        }
    }

    /// A line that was too long, of which the beginning is known.
    init(tooLong beginning: some Collection<UInt8>) {
        self.init(bytes: beginning.prefix(Limits.overlongLine) + [.cr, .lf], body: .malformed(.tooLong))
    }

    private init(bytes: [UInt8], body: Body) {
        self.bytes = bytes
        self.body = body
    }

    private var fault: Body? { if case .malformed = self.body { self.body } else { nil } }

    public static let data = Command(.data)
    public static let rset = Command(.rset)
    public static let noop = Command(.noop)
    public static let quit = Command(.quit)
    public static let starttls = Command(.starttls)
}

extension [UInt8] {
    func ends(with suffix: [UInt8]) -> Bool { self.suffix(suffix.count) == suffix[...] }
}
