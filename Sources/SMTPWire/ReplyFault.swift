/// Why what a remote said is no reply. RFC 5321 §4.2: never guess.
public enum ReplyFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A line that does not begin with three digits and then a blank, a hyphen or its end; or a code below 200, which SMTP does not have.
    case malformedLine
    /// More lines than ``Limits/replyLines`` or what the parser was told.
    case tooManyLines

    public var description: String {
        switch self {
        case .malformedLine: "a line that is no reply"
        case .tooManyLines: "a reply of too many lines"
        }
    }
}
