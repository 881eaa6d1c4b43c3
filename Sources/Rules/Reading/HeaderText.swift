/// The headers of tables as they are written in the file.
struct HeaderText {
    private let lines: [Substring]

    init(_ text: String) {
        self.lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    }

    /// `[address."192.0.2.0/24"]`, spaces and all; where the table has no header of its own (an inline table), the one it could have.
    func text(of path: [String], at position: TOMLNode.Position) -> String {
        self.written(at: position) ?? "[" + path.enumerated().map { $0.offset == 0 ? $0.element : TOMLKey.quoted($0.element) }.joined(separator: ".")
            + "]"
    }

    /// The header that begins there.
    func written(at position: TOMLNode.Position) -> String? {
        guard self.lines.indices.contains(position.line - 1) else { return nil }
        let line = self.lines[position.line - 1].unicodeScalars
        let before = line.prefix(position.column - 1)
        // A bracket behind something else opens a list.
        guard before.allSatisfy({ $0 == " " || $0 == "\t" || $0 == "\u{feff}" }) else { return nil }
        let rest = line.dropFirst(before.count)
        guard rest.first == "[" else { return nil }
        var quote: Unicode.Scalar?
        var isEscaped = false
        var end = rest.startIndex
        for index in rest.indices {
            let scalar = rest[index]
            if isEscaped {
                isEscaped = false
            } else if let open = quote {
                if scalar == open { quote = nil }
                isEscaped = open == "\"" && scalar == "\\"
            } else if scalar == "\"" || scalar == "'" {
                quote = scalar
            } else if scalar == "#" {
                break
            } else if scalar == "]" {
                end = rest.index(after: index)
            }
        }
        return end == rest.startIndex ? nil : String(rest[..<end])
    }
}
