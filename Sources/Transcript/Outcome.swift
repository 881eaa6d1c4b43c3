import SMTPSession

/// What came of a play. Played in another manner a file must have an equal outcome.
public struct Outcome: Hashable, Sendable {
    /// Empty: all went as written.
    public internal(set) var failures: [Failure] = []
    var heard: [Leg: Heard] = [:]
    var traces: [Trace] = []

    init(failures: [Failure] = []) { self.failures = failures }

    /// Where two plays differ though both went as written: a field of the log, or words that `>C?` leaves open. Nil: nowhere.
    public func difference(to other: Outcome) -> String? {
        for leg in Set(self.heard.keys).union(other.heard.keys) {
            let (one, two) = (self.heard[leg] ?? Heard(), other.heard[leg] ?? Heard())
            if one != two { return "\(leg) heard \(one) and \(two)" }
        }
        for (one, two) in zip(self.traces, other.traces) where one != two { return "it left \"\(one)\" and \"\(two)\"" }
        guard self.traces.count == other.traces.count else { return "it left \(self.traces.count) traces and \(other.traces.count)" }
        return nil
    }
}

/// What one leg heard. Nothing can follow a close.
struct Heard: Hashable, Sendable, CustomStringConvertible {
    var octets: [UInt8] = []
    var isClosed = false
    var isAborted = false

    var description: String {
        guard self.octets.isEmpty else { return Escapes.readable(self.octets) }
        return self.isAborted ? "the connection aborted" : self.isClosed ? "the connection closed" : "nothing"
    }
}
