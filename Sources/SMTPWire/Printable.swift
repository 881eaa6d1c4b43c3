// Text of a peer or of a file, fit for a terminal and a log: what steers one, or makes it show something else than what is there, is written out.

extension Unicode.Scalar {
    /// Controls (C0, DEL, C1), characters of format (of direction, without width, tags) and separators of lines and paragraphs.
    public var isUnseen: Bool {
        if self.value < 0x7F { return self.value < 0x20 }
        if self.value < 0xA0 { return true }
        return switch self.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    /// `\u001b`, `\U000e0041`: as TOML writes it, and JSON up to U+FFFF.
    public var escaped: String {
        let digits = String(self.value, radix: 16)
        let width = digits.utf8.count > 4 ? 8 : 4
        return (width > 4 ? "\\U" : "\\u") + String(repeating: "0", count: width - digits.utf8.count) + digits
    }
}

extension String {
    /// With all that is unseen written out; one line.
    public var printable: String { self.printable(keeping: []) }

    /// - Parameter kept: what stays of the unseen, line feeds for instance.
    public func printable(keeping kept: Set<Unicode.Scalar>) -> String {
        guard self.unicodeScalars.contains(where: { $0.isUnseen && !kept.contains($0) }) else { return self }
        var text = String.UnicodeScalarView()
        for scalar in self.unicodeScalars {
            if scalar.isUnseen, !kept.contains(scalar) { text.append(contentsOf: scalar.escaped.unicodeScalars) } else { text.append(scalar) }
        }
        return String(text)
    }
}
