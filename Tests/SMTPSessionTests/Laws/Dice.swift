/// Random choices from a seed: the same on every machine (SplitMix64; Steele, Lea, Flood 2014). Or from a tape of octets, as long as it lasts: then whoever
/// writes the tape, as a fuzzer does, makes the choices.
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    private var tape: ArraySlice<UInt8>

    init(seed: UInt64) {
        self.state = seed &* 0xD129_0F5C_3A5B_19E7 &+ 0x2545_F491_4F6C_DD1D
        self.tape = []
    }

    init(tape: ArraySlice<UInt8>) {
        self.init(seed: 0)
        self.tape = tape
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func below(_ limit: Int) -> Int {
        guard limit > 1 else { return 0 }
        guard !self.tape.isEmpty else { return Int(self.next() % UInt64(limit)) }
        let octets = self.tape.prefix(limit <= 1 << 8 ? 1 : limit <= 1 << 16 ? 2 : 5)
        self.tape = self.tape.dropFirst(octets.count)
        return octets.reduce(0) { $0 << 8 | Int($1) } % limit
    }
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
