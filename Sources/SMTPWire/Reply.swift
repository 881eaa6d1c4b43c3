/// A reply in strict form: every line begins with the same three digits and ends in CRLF, text is printable (RFC 5321 §4.2).
public struct Reply: Hashable, Sendable {
    /// 200 to 599, or what else three digits a remote found.
    public let code: Int
    /// All lines, as they are sent to the gateway.
    public let bytes: [UInt8]
}
public enum ReplyFault: Error, Hashable, Sendable { case malformedLine, tooManyLines }
