import SMTPWire

/// Text of a remote, as the memory keeps it: verbatim, but bounded, and without characters that end a C string or steer a terminal.
enum Evidence {
    static func kept(_ text: String) -> String {
        if text.utf8.count <= Bounds.evidence, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(Bounds.evidence) { kept.append(Self.visible(scalar)) }
        return String(kept)
    }

    /// Control characters as their pictures (U+2400 and on); a line feed (replies of several lines) and a tab stay.
    private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0x09, 0x0A: scalar
        case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
        case 0x7F: "\u{2421}"
        default: scalar.isUnseen ? "\u{FFFD}" : scalar
        }
    }
}
