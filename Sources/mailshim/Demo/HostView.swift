import OddHost

/// What the host heard and said since it was last looked at.
struct HostView {
    let host: OddHost
    private var seen: [Int: Int] = [:]
    private var connection = 0

    init(of host: OddHost) { self.host = host }

    /// Waits until nothing more happens there, as a repair may still be closing a connection; at most about a second.
    mutating func news() -> [Screen.Cell] {
        var count = -1
        for _ in 0..<25 {
            let now = self.host.visits.reduce(0) { $0 + $1.transcript.count }
            if now == count { break }
            count = now
            pause(milliseconds: 40)
        }
        var cells: [Screen.Cell] = []
        for visit in self.host.visits {
            let lines = visit.transcript.dropFirst(self.seen[visit.number] ?? 0)
            guard !lines.isEmpty else { continue }
            if visit.number != self.connection, self.host.visits.count > 1 || visit.number > 1 { cells.append(.event("connection \(visit.number)")) }
            self.connection = visit.number
            cells += lines.map(Self.cell)
            self.seen[visit.number] = visit.transcript.count
        }
        return cells
    }

    /// `C:` and `S:` lines, and what they call who closes.
    private static func cell(_ line: String) -> Screen.Cell {
        let text = String(line.dropFirst(3))
        if line.hasPrefix("C: ") { return .command(text) }
        if line.hasPrefix("S: ") { return .reply(text) }
        return .event(line.hasPrefix("! S") ? "(closes)" : "(is closed)")
    }
}
