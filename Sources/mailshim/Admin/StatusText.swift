import AdminProtocol
import ArgumentParser

/// The answer to `status` in words.
struct StatusText {
    let status: JSON

    init(_ status: JSON) { self.status = status }

    var exitCode: ExitCode {
        switch self.status["state"].string {
        case "ready": .success
        case "degraded": .nothing
        default: .notServing
        }
    }

    /// For monitors: "READY, 41 sessions", "DEGRADED: certificate submission: expires in 6 days".
    var line: String {
        guard self.troubles.isEmpty else { return "\(self.word): " + self.troubles.joined(separator: "; ") }
        return "\(self.word), \(Self.count(self.status["sessions"]["active"].integer ?? 0, "session"))"
    }

    var page: String {
        let head = [
            "mailshim \(self.status["version"].string ?? "")", "up \(Self.duration(self.status["uptime"].integer ?? 0))",
            "pid \(self.status["pid"].integer ?? 0)", self.status["hostname"].string ?? "",
        ]
        var lines = [head.joined(separator: "  "), "", self.headline]
        let checks = self.status["checks"].elements
        let names = checks.map { "\($0["name"].string ?? "") \($0["subject"].string ?? "")".trimmedBlanks }
        let width = names.map(\.count).max() ?? 0
        for (check, name) in zip(checks, names) {
            let mark =
                switch check["state"].string {
                case "ok": "ok  "
                case "warn": "WARN"
                default: "FAIL"
                }
            lines.append("  \(mark)  \(name.padded(to: width))   \(check["detail"].string ?? "")".trimmedBlanks)
        }
        return lines.joined(separator: "\n")
    }

    private var headline: String {
        let warnings = self.status["checks"].elements.count { $0["state"].string == "warn" }
        let failures = self.status["checks"].elements.count { $0["state"].string == "fail" }
        let counts = [failures > 0 ? Self.count(failures, "failure") : nil, warnings > 0 ? Self.count(warnings, "warning") : nil]
        return ([self.word] + counts.compactMap { $0 }).joined(separator: ", ")
    }

    private var word: String {
        if self.status["draining"].boolean == true { return "DRAINING" }
        return switch self.status["state"].string {
        case "ready": "READY"
        case "degraded": "DEGRADED"
        default: "NOT SERVING"
        }
    }

    private var troubles: [String] {
        self.status["checks"].elements.filter { $0["state"].string != "ok" }.map { check in
            let name = "\(check["name"].string ?? "") \(check["subject"].string ?? "")".trimmedBlanks
            return "\(name): \(check["detail"].string ?? "")"
        }
    }

    static func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }

    /// The two largest units: "12 d 3 h", "41 s".
    static func duration(_ seconds: Int) -> String {
        let parts = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")]
        let shown = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
        return shown.isEmpty ? "0 s" : shown.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
