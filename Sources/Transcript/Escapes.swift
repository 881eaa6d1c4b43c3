/// Octets as people write and read them.
enum Escapes {
    /// Nil where a backslash is followed by something unknown.
    static func octets(of text: Substring) -> [UInt8]? {
        var octets: [UInt8] = []
        var rest = text.utf8[...]
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "\\") else {
                octets.append(octet)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "r"): octets.append(0x0D)
            case UInt8(ascii: "n"): octets.append(0x0A)
            case UInt8(ascii: "t"): octets.append(0x09)
            case UInt8(ascii: "0"): octets.append(0x00)
            case UInt8(ascii: "\\"): octets.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "x"):
                let digits = Substring(rest.prefix(2))
                guard digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit), let value = UInt8(digits, radix: 16) else { return nil }
                octets.append(value)
                rest = rest.dropFirst(2)
            default: return nil
            }
        }
        return octets
    }

    /// Printable, on one line, and never long.
    static func readable(_ octets: some Collection<UInt8>) -> String {
        var text = "\""
        for octet in octets.prefix(160) {
            switch octet {
            case 0x0D: text += "\\r"
            case 0x0A: text += "\\n"
            case 0x09: text += "\\t"
            case UInt8(ascii: "\\"): text += "\\\\"
            case 0x20..<0x7F: text.unicodeScalars.append(Unicode.Scalar(octet))
            default:
                let digits = String(octet, radix: 16)
                text += digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
            }
        }
        return octets.count > 160 ? text + "…\" (\(octets.count) octets)" : text + "\""
    }
}

/// `*` stands for any text.
enum Glob {
    static func matches(_ pattern: some Collection<UInt8>, _ text: some Collection<UInt8>) -> Bool {
        let pattern = Array(pattern)
        let text = Array(text)
        var (atPattern, atText) = (0, 0)
        var retry: (pattern: Int, text: Int)?
        while atText < text.count {
            if atPattern < pattern.count, pattern[atPattern] == UInt8(ascii: "*") {
                retry = (atPattern + 1, atText)
                atPattern += 1
            } else if atPattern < pattern.count, pattern[atPattern] == text[atText] {
                atPattern += 1
                atText += 1
            } else if let last = retry {
                retry = (last.pattern, last.text + 1)
                (atPattern, atText) = (last.pattern, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[atPattern...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
