/// One ESMTP parameter of `MAIL` or `RCPT`: `SIZE=1000`, `SMTPUTF8`. RFC 5321 §4.1.2.
public struct Parameter: Hashable, Sendable, CustomStringConvertible {
    /// In upper case.
    public let keyword: String
    /// As it came; nil where there was no `=`.
    public let value: String?

    public init(_ keyword: String, _ value: String? = nil) {
        self.keyword = keyword.uppercased()
        self.value = value
    }

    /// As it is sent.
    public var description: String {
        guard let value = self.value else { return self.keyword }
        return "\(self.keyword)=\(value)"
    }
}
