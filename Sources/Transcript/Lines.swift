/// The lines of a file with their numbers, taken one after the other.
struct Lines {
    struct Line: Hashable {
        let number: Int
        let text: Substring
    }

    let file: String
    private var rest: ArraySlice<Line>

    init(_ text: String, file: String) throws(TranscriptError) {
        self.file = file
        var lines: [Line] = []
        for (index, line) in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            guard !line.contains(0x0D) else { throw TranscriptError(file: file, line: index + 1, fault: .carriageReturn) }
            lines.append(Line(number: index + 1, text: Substring(line)))
        }
        self.rest = lines[...]
    }

    mutating func next() -> Line? { self.rest.popFirst() }
    var peeked: Line? { self.rest.first }
}
