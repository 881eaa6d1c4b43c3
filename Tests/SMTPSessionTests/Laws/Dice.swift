/// Random choices from a seed: the same on every machine (SplitMix64; Steele, Lea, Flood 2014).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed &* 0xD129_0F5C_3A5B_19E7 &+ 0x2545_F491_4F6C_DD1D }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func below(_ limit: Int) -> Int { limit > 1 ? Int(self.next() % UInt64(limit)) : 0 }
    mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + self.below(range.count) }
    /// True so many times of a thousand.
    mutating func permille(_ chance: Int) -> Bool { chance > 0 && self.below(1000) < chance }
    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[self.below(choices.count)] }

    /// Mostly small pieces, at times all that is left.
    mutating func piece(of count: Int) -> Int {
        let most = [1, 3, 20, 200, count, count, count][self.below(7)]
        return min(count, 1 + self.below(most))
    }
}

extension [UInt8] {
    init(_ text: String) { self = [UInt8](text.utf8) }

    /// With escapes, for people.
    var shown: String {
        var text = ""
        for octet in self {
            switch octet {
            case 0x0D: text += "\\r"
            case 0x0A: text += "\\n"
            case 0x00: text += "\\0"
            case 0x5C: text += "\\\\"
            case 0x20..<0x7F: text.unicodeScalars.append(Unicode.Scalar(octet))
            default: text += "\\x" + (octet < 16 ? "0" : "") + String(octet, radix: 16)
            }
            if text.utf8.count > 600 { return text + "… (\(self.count) octets)" }
        }
        return text
    }

    func contains(octets: [UInt8]) -> Bool {
        guard let first = octets.first, self.count >= octets.count else { return octets.isEmpty }
        var index = 0
        let last = self.count - octets.count
        while index <= last {
            if self[index] == first, self[index..<index + octets.count] == octets[...] { return true }
            index += 1
        }
        return false
    }
}
