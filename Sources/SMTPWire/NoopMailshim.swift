/// How `mailshim probe` finds out that a redirect led it to a Mailshim instead of the host: that one answers
/// `NOOP MAILSHIM` by itself. For everybody else it is a NOOP, whose argument has no meaning (RFC 5321 §4.1.1.9).
extension Command {
    public static let noopMailshim = Command(line: Array("NOOP MAILSHIM".utf8))
}

extension Reply {
    /// - Parameter name: how the Mailshim that answers calls itself.
    public init(mailshimAt name: String) { self.init(250, "\(Self.mailshimsWords)\(name)") }

    /// The name of the Mailshim whose answer to `NOOP MAILSHIM` this is; nil: it is not one's.
    public var mailshim: String? {
        let text = self.text
        guard self.code == 250, text.hasPrefix(Self.mailshimsWords) else { return nil }
        return String(text.dropFirst(Self.mailshimsWords.count))
    }

    private static let mailshimsWords = "2.0.0 this is Mailshim at "
}
