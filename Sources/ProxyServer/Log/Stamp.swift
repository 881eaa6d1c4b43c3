import Glibc

/// What stands in front of a line.
public enum Stamp: Hashable, Sendable {
    /// `time` and `level`. Milliseconds since 1970.
    case time(milliseconds: Int)
    /// `<N>`: systemd's journal has a clock of its own, and reads the level there (sd-daemon(3)).
    case priority

    static var now: Stamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return .time(milliseconds: time.tv_sec * 1000 + time.tv_nsec / 1_000_000)
    }

    /// Whether what is written to a descriptor goes to systemd's journal: `JOURNAL_STREAM` names its device and inode (systemd.exec(5)).
    static func isJournal(_ descriptor: Int32, stream: String? = getenv("JOURNAL_STREAM").map { String(cString: $0) }) -> Bool {
        var status = stat()
        guard let stream, fstat(descriptor, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }
}

extension [UInt8] {
    /// RFC 3339, UTC, with milliseconds: 2026-11-27T02:11:07.312Z.
    mutating func append(timestamp milliseconds: Int) {
        let (days, rest) = (milliseconds / 86_400_000, milliseconds % 86_400_000)
        let (year, month, day) = Self.date(of: days)
        self.append(digits: year, 4)
        self.append(UInt8(ascii: "-"))
        self.append(digits: month, 2)
        self.append(UInt8(ascii: "-"))
        self.append(digits: day, 2)
        self.append(UInt8(ascii: "T"))
        self.append(digits: rest / 3_600_000, 2)
        self.append(UInt8(ascii: ":"))
        self.append(digits: rest / 60_000 % 60, 2)
        self.append(UInt8(ascii: ":"))
        self.append(digits: rest / 1000 % 60, 2)
        self.append(UInt8(ascii: "."))
        self.append(digits: rest % 1000, 3)
        self.append(UInt8(ascii: "Z"))
    }

    private mutating func append(digits number: Int, _ width: Int) {
        var scale = 1
        for _ in 1..<width { scale *= 10 }
        while scale > 0 {
            self.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / scale % 10))
            scale /= 10
        }
    }

    /// The Gregorian date of a day since 1970, not before: years begin in March, so that the day of leap years is their last.
    private static func date(of days: Int) -> (year: Int, month: Int, day: Int) {
        let days = days + 719_468
        let (era, dayOfEra) = (days / 146_097, days % 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let isNextYear = month >= 10
        return (yearOfEra + era * 400 + (isNextYear ? 1 : 0), isNextYear ? month - 9 : month + 3, dayOfYear - (153 * month + 2) / 5 + 1)
    }
}
