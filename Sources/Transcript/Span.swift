import NIOCore

/// Lengths of time as transcripts write them: 200ms, 5s, 10m, 24h.
enum Span {
    static func parse(_ text: Substring) -> TimeAmount? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), count <= 100_000_000 else { return nil }
        return switch text.dropFirst(digits.count) {
        case "ms": .milliseconds(count)
        case "s": .seconds(count)
        case "m": .minutes(count)
        case "h": .hours(count)
        default: nil
        }
    }

    static func text(_ amount: TimeAmount) -> String {
        let milliseconds = amount.nanoseconds / 1_000_000
        for (unit, length) in [("h", 3_600_000), ("m", 60_000), ("s", 1000)] where milliseconds >= length && milliseconds % Int64(length) == 0 {
            return "\(milliseconds / Int64(length))\(unit)"
        }
        return "\(milliseconds)ms"
    }
}
