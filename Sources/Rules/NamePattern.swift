/// A domain or host name of a table, or "*.name" for what is below it. RFC 5321 §2.3.5, RFC 1035 §2.3.4.
struct NamePattern: Hashable, Sendable {
    /// Without "*.", normalized.
    let name: String
    let isBelow: Bool

    init?(_ text: String) {
        self.isBelow = text.hasPrefix("*.")
        guard let name = Self.normalized(self.isBelow ? String(text.dropFirst(2)) : text), Self.isName(name) else { return nil }
        self.name = name
    }

    /// In lower case, without a final dot, other scripts as DNS writes them (xn--…; UTS #46). Nil: there is no such name.
    static func normalized(_ name: String) -> String? {
        guard var name = name.utf8.allSatisfy({ $0 < 0x80 }) ? name : InternationalName.ascii(name) else { return nil }
        name = name.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        return name
    }

    /// Whether a normalized name is one that DNS could hold. Underscores occur; an address is none.
    static func isName(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count), IPAddress(name) == nil else { return false }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard let last = labels.last, !last.utf8.allSatisfy({ Self.digits.contains($0) }) else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.utf8.allSatisfy { Self.allowed.contains($0) } && !label.hasPrefix("-")
                && !label.hasSuffix("-")
        }
    }

    /// Whether a recipient's domain holds what stands in no name: a comment, a quote, a backslash. Hosts that take such a thing may read a name into it.
    static func isOddlyWritten(_ domain: String) -> Bool {
        !domain.hasPrefix("[") && !domain.utf8.allSatisfy { Self.allowed.contains($0) || $0 == UInt8(ascii: ".") || (0x41...0x5A).contains($0) }
    }

    private static let digits = Set("0123456789".utf8)
    private static let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}
