/// "Did you mean …?"
public enum Similar {
    /// The one of these that the text is most likely a slip of: few letters wrong, missing, too many or swapped. Nil where none is close.
    public static func best(for text: String, among words: some Sequence<String>) -> String? {
        let text = text.lowercased()
        guard text.utf8.count <= 40 else { return nil }
        let close = words.map { (word: $0, distance: Self.distance(text, $0.lowercased())) }
            .filter { $0.distance <= max(1, min($0.word.utf8.count, text.utf8.count) / 3) }
        return close.min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
    }

    /// `; did you mean "bind"?` or what else helps.
    public static func hint(for text: String, among words: some Sequence<String>, otherwise: String = "") -> String {
        Self.best(for: text, among: words).map { "; did you mean \"\($0)\"?" } ?? otherwise
    }

    /// Changes, insertions, deletions and swaps of neighbours that make one out of the other.
    static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.utf8), Array(b.utf8))
        var before: [Int] = []
        var above = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var least = min(above[j + 1] + 1, row[j] + 1, above[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, before[j - 1] + 1) }
                row.append(least)
            }
            (before, above) = (above, row)
        }
        return above[b.count]
    }
}
