// The octets that SMTP gives a meaning to, and searching for them. RFC 5321 §2.3.8.

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension UInt8 {
    static let nul = UInt8(0)
    static let tab = UInt8(ascii: "\t")
    static let lf = UInt8(ascii: "\n")
    static let cr = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let hyphen = UInt8(ascii: "-")
    static let dot = UInt8(ascii: ".")
    static let questionMark = UInt8(ascii: "?")

    var isBlank: Bool { self == .space || self == .tab }
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isLetter: Bool { (0x61...0x7A).contains(self | 0x20) }

    /// What a reply's text is made of (`textstring`, RFC 5321 §4.2).
    var isText: Bool { (0x20...0x7E).contains(self) || self == .tab }

    var upperCased: UInt8 { (0x61...0x7A).contains(self) ? self & 0xDF : self }
}

extension UnsafeRawBufferPointer {
    /// Where `octet` is first found in `range`, which must lie within the buffer; by the C library, whose search is vectorised.
    func first(_ octet: UInt8, in range: Range<Int>) -> Int? {
        guard let base = self.baseAddress, !range.isEmpty else { return nil }
        guard let found = memchr(base + range.lowerBound, CInt(octet), range.count) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Where the first CRLF in `range` begins.
    func firstLineEnd(in range: Range<Int>) -> Int? {
        var from = range.lowerBound
        while let found = self.first(.lf, in: from..<range.upperBound) {
            if found > range.lowerBound, self[found - 1] == .cr { return found - 1 }
            from = found + 1
        }
        return nil
    }
}
