import NIOCore

/// A generator with a seed, so that what failed once fails again.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(self.next() % UInt64(limit)) }

    /// So many words of an alphabet in a row.
    mutating func octets(_ words: [String], count: Int) -> [UInt8] {
        var octets: [UInt8] = []
        for _ in 0..<count { octets += words[self.below(words.count)].utf8 }
        return octets
    }
}

extension Array where Element == UInt8 {
    init(_ text: String) { self = Array(text.utf8) }

    /// Cut at those places, which ascend.
    func cut(at places: [Int]) -> [ByteBuffer] {
        let edges = [0] + places + [self.count]
        return zip(edges, edges.dropFirst()).map { ByteBuffer(bytes: self[$0..<$1]) }
    }

    var bytewise: [ByteBuffer] { self.map { ByteBuffer(integer: $0) } }

    func inPieces(_ random: inout SplitMix64, upTo size: Int = 12) -> [ByteBuffer] {
        var places: [Int] = []
        var place = random.below(size + 1)
        while place < self.count {
            places.append(place)
            place += 1 + random.below(size)
        }
        return self.cut(at: places)
    }

    /// With escapes, for messages of failed tests.
    var shown: String {
        String(decoding: self, as: UTF8.self).unicodeScalars.map { $0.value < 32 ? $0.escaped(asASCII: true) : String($0) }.joined()
    }
}
