import Glibc

/// A point in time as people read it, in UTC: "2026-11-23", "2026-11-23 18:55 UTC".
public struct Moment: Hashable, Sendable {
    /// Unix time.
    public let seconds: Int

    public init(at seconds: Int) { self.seconds = seconds.clamped(to: -Bounds.time.upperBound...Bounds.time.upperBound) }

    public static var now: Moment { Moment(at: Int(time(nil))) }

    public var day: String {
        let parts = self.parts
        return "\(Self.padded(parts.tm_year + 1900, to: 4))-\(Self.padded(parts.tm_mon + 1, to: 2))-\(Self.padded(parts.tm_mday, to: 2))"
    }

    public var minute: String {
        let parts = self.parts
        return "\(self.day) \(Self.padded(parts.tm_hour, to: 2)):\(Self.padded(parts.tm_min, to: 2)) UTC"
    }

    private var parts: tm {
        var time = time_t(self.seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        return parts
    }

    private static func padded(_ number: Int32, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
