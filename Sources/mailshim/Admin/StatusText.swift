import AdminProtocol
import ArgumentParser
import LearnedQuirks

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
            "pid \(self.status["pid"].integer ?? 0)\(self.predecessors)", self.status["hostname"].string ?? "",
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
        for bypass in self.status["bypasses"].elements {
            let until = Moment(at: bypass["until"].integer ?? 0).minute
            lines.append("  NOTE  bypass \(bypass["remote"].string ?? "") until \(until), by \(bypass["user"].string ?? "")")
        }
        return (lines + self.recent + self.waiting).joined(separator: "\n")
    }

    /// " (+ 790 draining: 3 sessions, oldest 41 s, in content)"
    private var predecessors: String {
        let each = self.status["predecessors"].elements.map { process in
            let (sessions, stage) = (process["sessions"].integer ?? 0, process["stage"].string ?? "")
            let oldest = sessions == 0 ? "" : ", oldest \(Self.duration(process["oldest_seconds"].integer ?? 0)), in \(stage)"
            return "\(process["pid"].integer ?? 0) draining: \(Self.count(sessions, "session"))\(oldest)"
        }
        return each.isEmpty ? "" : " (+ \(each.joined(separator: "; ")))"
    }

    /// What came of messages in the last minutes.
    private var recent: [String] {
        let recent = self.status["recent"]
        guard let seconds = recent["seconds"].real, seconds > 0 else { return [] }
        let outcomes = recent["messages"]
        let all = outcomes.members.reduce(0) { $0 + ($1.value.integer ?? 0) }
        let clear = recent["cleartext"].integer ?? 0
        let time = "last \(Self.duration(Int(seconds)))".padded(to: 14)
        let share = { (number: Int) in all == 0 ? "" : "   " + Self.percent(number, of: all) }
        return [
            "",
            "\(time) messages \(Self.rounded(Double(all) / seconds))/s"
                + (all == 0
                    ? ""
                    : "   accepted \(Self.percent(outcomes["accepted"].integer ?? 0, of: all))   deferred "
                        + "\(Self.percent(outcomes["deferred"].integer ?? 0, of: all))   rejected "
                        + "\(Self.percent(outcomes["rejected"].integer ?? 0, of: all))   lost \(outcomes["lost"].integer ?? 0)"),
            self.line("refusals", "by remotes \(recent["refused_by_remotes"].integer ?? 0)   by us \(recent["refused_by_mailshim"].integer ?? 0)"),
            self.line(
                "repaired",
                "\(recent["repaired"].integer ?? 0)   failed \(recent["failed_repairs"].integer ?? 0)   saved from bounce "
                    + "\(recent["saved_from_bounce"].integer ?? 0)"),
            self.line(
                "clear text", "\(clear)\(share(clear)), of that by broken-starttls \(recent["cleartext_by_broken_starttls"].integer ?? 0)"),
            self.line(
                "latency", "added by us \(Self.latency(recent["own_ms_p50"], recent["own_ms_p99"]))   "
                    + "remotes \(Self.latency(recent["remote_ms_p50"], recent["remote_ms_p99"]))"),
        ]
    }

    private var waiting: [String] {
        let waiting = self.status["waiting"]
        guard !waiting.members.isEmpty else { return [] }
        func count(_ name: String) -> Int { waiting[name].integer ?? 0 }
        return [
            "\("waiting".padded(to: 14)) remote \(count("remote"))   gateway \(count("gateway"))   us \(count("us"))   "
                + "a connection (connections=) \(count("place"))"
        ]
    }

    private func line(_ name: String, _ text: String) -> String { "\("".padded(to: 14)) \(name.padded(to: 11)) \(text)" }

    private static func percent(_ part: Int, of all: Int) -> String { "\(Self.rounded(100 * Double(part) / Double(max(1, all)))) %" }

    private static func latency(_ half: JSON, _ most: JSON) -> String {
        guard let half = half.real, let most = most.real else { return "-" }
        return "p50 \(Self.time(half)) p99 \(Self.time(most))"
    }

    private static func time(_ milliseconds: Double) -> String {
        milliseconds < 1000 ? "\(Self.rounded(milliseconds)) ms" : "\(Self.rounded(milliseconds / 1000)) s"
    }

    /// With one digit behind the point, where there is something.
    private static func rounded(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
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
