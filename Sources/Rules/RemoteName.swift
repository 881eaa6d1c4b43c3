/// A name that a table for domains or hosts could match: of a recipient's domain, or of a remote itself. RFC 5321 §2.3.5.
public struct RemoteName: Hashable, Sendable, CustomStringConvertible {
    /// As it was written.
    public let description: String

    /// Nil: DNS could not hold such a name.
    public init?(_ text: String) {
        guard let name = NamePattern.normalized(text), NamePattern.isName(name) else { return nil }
        self.description = text
    }
}
