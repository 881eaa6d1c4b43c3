import Synchronization

/// Names a session in the log: eight hex digits, each once in four thousand million sessions, never in a row that a restart repeats.
struct SessionID: Hashable, Sendable, CustomStringConvertible {
    let description: String

    private static let counter = Atomic(UInt32.random(in: .min ... .max))

    static func next() -> SessionID {
        SessionID(scrambling: Self.counter.wrappingAdd(1, ordering: .relaxed).oldValue)
    }

    /// A permutation of the 32-bit numbers, so that neighbours in time look unlike.
    init(scrambling number: UInt32) {
        var value = number &* 0x9e37_79b1
        value ^= value >> 16
        value &*= 0x85eb_ca6b
        value ^= value >> 15
        let digits = String(value, radix: 16)
        self.description = String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}
