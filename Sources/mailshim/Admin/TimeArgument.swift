import ArgumentParser
import Rules

/// A length of time as the config writes it: "60s", "5m", "1h", "2d".
struct TimeArgument: ExpressibleByArgument {
    let seconds: Int

    init?(argument: String) {
        guard let milliseconds = TimeText.parse(argument), milliseconds >= 1000, milliseconds.isMultiple(of: 1000) else { return nil }
        self.seconds = milliseconds / 1000
    }
}
