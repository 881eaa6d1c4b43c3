/// A day of the calendar, in UTC: "2026-11-23".
struct Day: Hashable, Sendable, CustomStringConvertible {
    private let days: Int

    /// - Parameter seconds: since 1970.
    init(at seconds: Int) {
        self.days = Int((Double(seconds) / 86_400).rounded(.down))
    }

    /// The civil calendar counted in eras of 400 years that begin in March.
    var description: String {
        let shifted = self.days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(dayOfYear - (153 * march + 2) / 5 + 1, 2))"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
