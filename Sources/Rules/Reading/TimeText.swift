/// A length of time as the config writes it: "500ms", "30s", "5m", "2h", "1d".
public enum TimeText {
    private static let units: [(name: String, milliseconds: Int)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]

    /// Milliseconds, `Int.max` where there are more. Nil for anything but a whole number and a unit.
    public static func parse(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, let unit = Self.units.first(where: { $0.name == text.dropFirst(digits.count) }) else { return nil }
        let (value, isTooMuch) = (Int(digits) ?? Int.max).multipliedReportingOverflow(by: unit.milliseconds)
        return isTooMuch ? Int.max : value
    }

    /// In the largest unit that fits.
    static func text(milliseconds: Int) -> String {
        let unit = Self.units.last { milliseconds >= $0.milliseconds && milliseconds % $0.milliseconds == 0 } ?? Self.units[1]
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}
