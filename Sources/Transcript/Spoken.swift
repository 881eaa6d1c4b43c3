/// What a peer says, or is to hear, in one line of a transcript.
enum Spoken: Hashable, Sendable {
    /// The text and CRLF.
    case line(String)
    /// Exactly these octets: `C| 250 ok\n`.
    case raw(String, [UInt8])
    /// Many octets from few words: `C* 300000 octets`.
    case many(Amount)

    var octets: [UInt8] {
        switch self {
        case .line(let text): Array(text.utf8) + [0x0D, 0x0A]
        case .raw(_, let octets): octets
        case .many(let amount): amount.octets
        }
    }

    /// As it is shown to people.
    var text: String {
        switch self {
        case .line(let text): text
        case .raw(let written, _): written
        case .many(let amount): "(\(amount))"
        }
    }
}

/// `300000 octets`: lines of text, some beginning with two dots. `5000 octets of binary`: any octets. `100 times "RSET\r\n"`.
enum Amount: Hashable, Sendable, CustomStringConvertible {
    case text(Int)
    case binary(Int)
    case times(Int, String, [UInt8])

    /// Bounds what a typing mistake can cost.
    static let most = 16 << 20

    init?(_ written: Substring) {
        let words = written.split(separator: " ", maxSplits: 2)
        guard let first = words.first, let count = Int(first), (1...Self.most).contains(count) else { return nil }
        switch words.dropFirst().first {
        case "octets" where words.count == 2:
            guard count >= 2 else { return nil }
            self = .text(count)
        case "octets" where words.last == "of binary": self = .binary(count)
        case "times":
            guard let quoted = words.last, quoted.count > 2, quoted.first == "\"", quoted.last == "\"",
                let octets = Escapes.octets(of: quoted.dropFirst().dropLast()), octets.count * count <= Self.most
            else { return nil }
            self = .times(count, String(quoted.dropFirst().dropLast()), octets)
        default: return nil
        }
    }

    var description: String {
        switch self {
        case .text(let count): "\(count) octets"
        case .binary(let count): "\(count) octets of binary"
        case .times(let count, let written, _): "\(count) times \"\(written)\""
        }
    }

    var octets: [UInt8] {
        switch self {
        case .text(let count): Self.lines(count)
        case .binary(let count): Self.binary(count)
        case .times(let count, _, let octets): Array(repeatElement(octets, count: count).joined())
        }
    }

    private static func binary(_ count: Int) -> [UInt8] {
        var random = SplitMix(seed: UInt64(count))
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    /// Lines of up to 998 octets, the last one ended too; a dot at a line start is doubled, as a client would.
    private static func lines(_ count: Int) -> [UInt8] {
        var random = SplitMix(seed: UInt64(count))
        var octets: [UInt8] = []
        octets.reserveCapacity(count)
        while octets.count < count {
            let left = count - octets.count - 2
            var length = min(left, Int(random.next() % (random.next() % 8 == 0 ? 999 : 80)))
            if left - length == 1 { length += 1 }
            if length > 2, random.next() % 8 == 0 {
                octets += [0x2E, 0x2E]
                length -= 2
            }
            for _ in 0..<length { octets.append(0x61 + UInt8(random.next() % 26)) }
            octets += [0x0D, 0x0A]
        }
        return octets
    }
}
