import SMTPWire

extension Reply {
    /// The name in a greeting (RFC 5321 §4.2: `220 Domain …`), in lower case; nil where its first word is none: "5.7.1", "***", "ESMTP".
    var greetingName: String? {
        guard self.code == 220 else { return nil }
        let word = self.text.prefix { $0 != " " }.lowercased()
        return word.utf8.count <= 255 && (word.isDomain || word.isAddressLiteral) ? word : nil
    }
}

extension String {
    /// Labels of letters, digits, "-" and "_", the last with a letter in it, which tells it from a number like 4.7.0.
    fileprivate var isDomain: Bool {
        guard self != "esmtp", self != "smtp" else { return false }
        let labels = self.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let names = labels.count > 1 && labels.last?.isEmpty == true ? labels.dropLast() : labels[...]
        return names.allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isOfName) } && names.last?.contains(where: \.isLetter) == true
    }

    /// RFC 5321 §4.1.3.
    fileprivate var isAddressLiteral: Bool {
        guard self.utf8.count > 2, self.hasPrefix("["), self.hasSuffix("]") else { return false }
        let inside = self.utf8.dropFirst().dropLast()
        return inside.contains(where: \.isDigit) && inside.allSatisfy { $0.isOfName || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    fileprivate var isOfName: Bool { self.isLetter || self.isDigit || self == UInt8(ascii: "-") || self == UInt8(ascii: "_") }
}
