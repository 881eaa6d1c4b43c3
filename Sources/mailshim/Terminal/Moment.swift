import Glibc

/// A point in time as people read it, in UTC: "2026-11-23", "2026-11-23 18:55 UTC".
struct Moment {
    /// Unix time.
    let seconds: Int

    static var now: Moment { Moment(seconds: Int(time(nil))) }

    var day: String {
        let parts = self.parts
        return "\(Int(parts.tm_year) + 1900)-\(Self.twoDigits(parts.tm_mon + 1))-\(Self.twoDigits(parts.tm_mday))"
    }

    var minute: String {
        let parts = self.parts
        return "\(self.day) \(Self.twoDigits(parts.tm_hour)):\(Self.twoDigits(parts.tm_min)) UTC"
    }

    private var parts: tm {
        var time = time_t(self.seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        return parts
    }

    private static func twoDigits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
