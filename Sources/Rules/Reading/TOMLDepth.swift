/// A bound on dotted keys. toml++ bounds the depth of arrays and inline tables, but each part of `a.b.c…` is a table too,
/// and it frees them recursively: a long enough key exhausts the stack.
extension TOMLNode {
    static let keyParts = 32

    /// Where a key has more parts than that.
    static func deepKey(in text: String) -> Position? {
        let bytes = Array(text.utf8)
        var place = 0
        var dots = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                place = Self.endOfString(bytes, at: place)
                continue
            case UInt8(ascii: "#"):
                place = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                continue
            case UInt8(ascii: "."):
                dots += 1
                if dots >= Self.keyParts { return Self.position(of: place, in: bytes) }
            case UInt8(ascii: "\n"), UInt8(ascii: "="), UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"):
                dots = 0
            default: break
            }
            place += 1
        }
        return nil
    }

    private static func endOfString(_ bytes: [UInt8], at start: Int) -> Int {
        let quote = bytes[start]
        let three = [quote, quote, quote]
        let isLong = bytes[start...].starts(with: three)
        var place = start + (isLong ? 3 : 1)
        while place < bytes.count {
            if quote == UInt8(ascii: "\""), bytes[place] == UInt8(ascii: "\\") {
                place += 2
            } else if isLong, bytes[place...].starts(with: three) {
                // Up to two quotes before the closing three belong to the text.
                return place + min(bytes[place...].prefix { $0 == quote }.count, 5)
            } else if !isLong, bytes[place] == quote || bytes[place] == UInt8(ascii: "\n") {
                return place + 1
            } else {
                place += 1
            }
        }
        return bytes.count
    }

    private static func position(of place: Int, in bytes: [UInt8]) -> Position {
        let before = bytes.prefix(place)
        let line = before.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return Position(line: line.count, column: (line.last ?? []).count { $0 & 0xc0 != 0x80 } + 1)
    }
}
