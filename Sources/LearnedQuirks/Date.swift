import Glibc

/// A Unix time as a date in UTC: "2026-11-23".
func date(_ seconds: Int) -> String {
    var time = time_t(seconds.clamped(to: Bounds.time))
    var parts = tm()
    guard gmtime_r(&time, &parts) != nil else { return "@\(seconds)" }
    return "\(padded(Int(parts.tm_year) + 1900, to: 4))-\(padded(Int(parts.tm_mon) + 1, to: 2))-\(padded(Int(parts.tm_mday), to: 2))"
}

private func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
