/// `5.7.1`: the enhanced status code in front of a reply's text. RFC 3463, RFC 2034.
public struct EnhancedCode: Hashable, Sendable, CustomStringConvertible {
    /// 2, 4 or 5.
    public let klass: Int
    public let subject: Int
    public let detail: Int

    public init(klass: Int, subject: Int, detail: Int) {
        self.klass = klass
        self.subject = subject
        self.detail = detail
    }

    public var description: String { "\(self.klass).\(self.subject).\(self.detail)" }

    /// The code that `text` begins with, followed by a blank or nothing.
    public init?(in text: some Collection<UInt8>) {
        let parts = text.prefix { !$0.isBlank }.split(separator: .dot, omittingEmptySubsequences: false)
        guard parts.count == 3, let klass = Self.number(parts[0]), [2, 4, 5].contains(klass), parts[0].count == 1,
            let subject = Self.number(parts[1]), let detail = Self.number(parts[2])
        else { return nil }
        self.init(klass: klass, subject: subject, detail: detail)
    }

    private static func number(_ digits: some Collection<UInt8>) -> Int? {
        guard (1...3).contains(digits.count), digits.allSatisfy(\.isDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
    }
}
