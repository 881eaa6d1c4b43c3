/// How the octets of a peer arrive.
public enum Manner: Hashable, Sendable, CustomStringConvertible {
    /// All that a peer says in a row comes in one piece, its close along with it.
    case whole
    /// Each octet comes alone. (Of more than 8 KB in a row, those in the middle come in pieces of a kilobyte.)
    case byteByByte
    /// In pieces of random sizes.
    case pieces(seed: UInt64)

    public var description: String {
        switch self {
        case .whole: "played whole"
        case .byteByByte: "played byte by byte"
        case .pieces(let seed): "played in pieces, seed \(seed)"
        }
    }
}

/// Cuts what is said as a manner wants it.
struct Cutter {
    private let manner: Manner
    private var random: SplitMix

    init(_ manner: Manner) {
        self.manner = manner
        self.random = if case .pieces(let seed) = manner { SplitMix(seed: seed) } else { SplitMix(seed: 0) }
    }

    /// The size of the next piece, at least 1 and at most `left`.
    mutating func size(said: Int, left: Int) -> Int {
        switch self.manner {
        case .whole: return left
        case .byteByByte: return said < 4096 || left <= 4096 ? 1 : min(1021, left - 4096)
        case .pieces:
            let most =
                switch self.random.next() % 4 {
                case 0: 2
                case 1: 12
                case 2: 80
                default: left
                }
            return min(left, 1 + Int(self.random.next() % UInt64(max(1, most))))
        }
    }
}
