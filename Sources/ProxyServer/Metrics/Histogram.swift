import NIOCore

/// How long something took: buckets as Prometheus has them, in seconds, and the sum.
final class Histogram: Sendable {
    /// Upper bounds in seconds; the last bucket has none.
    static let bounds = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300]
    private static let nanoseconds = bounds.map { Int64($0 * 1e9) }

    /// A row of buckets for each value of the label, then the sum in microseconds.
    private let cells: Cells
    private static let width = bounds.count + 2

    init(rows: Int = 1) { self.cells = Cells(rows * Self.width) }

    func add(_ time: TimeAmount, row: Int = 0) {
        let bucket = Self.nanoseconds.firstIndex { time.nanoseconds <= $0 } ?? Self.bounds.count
        self.cells.add(at: row * Self.width + bucket)
        self.cells.add(Int(time.nanoseconds / 1000), at: row * Self.width + Self.width - 1)
    }

    /// Not added up: so many in each bucket.
    func buckets(row: Int = 0) -> [Int] { (0...Self.bounds.count).map { self.cells[row * Self.width + $0] } }

    /// Seconds.
    func sum(row: Int = 0) -> Double { Double(self.cells[row * Self.width + Self.width - 1]) / 1_000_000 }

    /// Below which so much (0…1) of what is in the buckets lies, in seconds; nil where there is nothing.
    static func quantile(_ share: Double, of buckets: [Int]) -> Double? {
        let all = buckets.reduce(0, +)
        guard all > 0 else { return nil }
        let wanted = share * Double(all)
        var before = 0.0
        for (index, count) in buckets.enumerated() where count > 0 {
            let upTo = before + Double(count)
            if upTo >= wanted {
                let low = index == 0 ? 0 : Self.bounds[index - 1]
                guard index < Self.bounds.count else { return Self.bounds.last }
                return low + (Self.bounds[index] - low) * (wanted - before) / Double(count)
            }
            before = upTo
        }
        return Self.bounds.last
    }
}
