import SMTPWire

/// Text in columns, as wide as their widest cell. A row can have a note, which stands below it and is as long as it likes.
struct Table {
    struct Row {
        var cells: [String]
        var notes: [String] = []
    }

    let header: [String]
    private(set) var rows: [Row] = []

    init(_ header: String...) { self.header = header }

    mutating func add(_ cells: String..., notes: [String] = []) {
        self.rows.append(Row(cells: cells.map(\.printable), notes: notes.map(\.printable)))
    }

    var isEmpty: Bool { self.rows.isEmpty }

    func rendered() -> String {
        let lines = [Row(cells: self.header)] + self.rows
        let widths = self.header.indices.map { column in lines.map { $0.cells.indices.contains(column) ? $0.cells[column].count : 0 }.max() ?? 0 }
        return lines.map { row in
            let cells = zip(row.cells, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
            return ([cells.trimmedBlanks] + row.notes.map { "    \($0)" }).joined(separator: "\n")
        }.joined(separator: "\n")
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - self.count)) }

    /// Without blanks at its end.
    var trimmedBlanks: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
