/// What is done to mail data on its way to a host. Filters are made one behind the other, in the order of the cases; of each kind there is one at most.
public enum ContentFilter: Hashable, Sendable {
    /// A line of more octets than that is folded, at blanks where there are some (`fold-long-lines`).
    case foldsLines(Int)
    /// The last line is a blank one (`final-blank-line`).
    case endsWithBlankLine

    /// Both lists, each kind once: the shortest lines.
    static func fold(_ one: [ContentFilter], _ other: [ContentFilter]) -> [ContentFilter] {
        let all = one + other
        let lengths = all.compactMap { if case .foldsLines(let length) = $0 { length } else { nil } }
        return (lengths.min().map { [.foldsLines($0)] } ?? [])
            + (all.contains(.endsWithBlankLine) ? [.endsWithBlankLine] : [])
    }
}
