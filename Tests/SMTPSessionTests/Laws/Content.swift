/// What letters hold, and what law 8 makes of it.
enum Content {
    /// In every line of content; must never be found in a log.
    static let mark = "cOnTeNt"
    /// What a gateway says behind `AUTH`; likewise.
    static let secret = "AHNlY3JldA"

    /// Mail data without its final dot, its line starts dotted where they must be; from the hand of a gateway that is not right also anything else.
    static func body(_ number: Int, isRight: Bool, _ dice: inout Dice) -> [UInt8] {
        var body: [UInt8] = []
        for line in 0..<dice.pick([0, 1, 2, 3, 5, 8]) {
            switch dice.below(isRight ? 8 : 12) {
            case 0: body += [UInt8]("..\r\n")
            case 1: body += [UInt8]("..\(Self.mark) \(line)\r\n")
            case 2: body += [UInt8]("\r\n")
            case 3: body += [UInt8](repeating: 0x61, count: dice.pick([10, 100, 1500, 5000])) + [UInt8](" \(Self.mark)\r\n")
            case 4: body += [UInt8](Self.smuggled(number, line) + "DATA\r\n")
            case 5, 6, 7: body += [UInt8]("letter \(number) \(Self.mark) \(line)\r\n")
            case 8: body += [UInt8](dice.pick(["\n.\r\n\(Self.smuggled(number, line))", "\n.\n", "\r.\r", "\r\n\0.\r\n", ".\r.\r\n", "x\n.\r\n"]))
            case 9: body += [UInt8](dice.pick([".", ".\r", "\r", "\n", "\0", "\r\r\n", ".\n", "..\n", "\n.."]))
            case 10: body += [UInt8](".\(Self.mark)\r\n")
            default: body += [UInt8]("\(Self.mark) without an end")
            }
        }
        return body
    }

    /// Commands, should it ever be read as that: an envelope with a number of its own.
    private static func smuggled(_ number: Int, _ line: Int) -> String {
        let name = 9000 + 20 * number + line
        return "MAIL FROM:<m\(name)@evil.example>\r\nRCPT TO:<r\(name).0@evil.example>\r\n"
    }

    /// With its end.
    static func ended(_ body: [UInt8]) -> [UInt8] {
        let isLineStart = body.isEmpty || body.suffix(2) == [0x0D, 0x0A]
        return body + (isLineStart ? [] : [0x0D, 0x0A]) + [UInt8](".\r\n")
    }
}

/// Law 8 in the plainest words: what goes on of mail data, line by line. (Dots as they are said.)
struct Repaired {
    private(set) var octets: [UInt8] = []
    private(set) var isChanged = false

    /// - Parameter isWhole: it was followed by the final dot; else what may still become something else is left out.
    init(_ said: [UInt8], isWhole: Bool) {
        var start = 0
        var index = 0
        while index < said.count {
            if said[index] == 0x0D, index + 1 < said.count, said[index + 1] == 0x0A {
                self.line(Array(said[start..<index]), isEnded: true)
                index += 2
                start = index
            } else {
                index += 1
            }
        }
        guard start < said.count, !isWhole else { return }
        var rest = Array(said[start...])
        if rest == [0x2E] || rest == [0x2E, 0x0D] { return }
        if rest.last == 0x0D { rest.removeLast() }
        if rest.last == 0x2E, rest.dropLast().last == 0x0A { rest.removeLast() }
        self.line(rest, isEnded: false)
    }

    private mutating func line(_ line: [UInt8], isEnded: Bool) {
        let parts = line.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (number, part) in parts.enumerated() {
            let isLast = number == parts.count - 1
            // A dot that stands alone between line ends of which not both are CRLF, or that is followed by what a lenient reader takes for one.
            let isLone = part.first == 0x2E && (part.count == 1 ? !isLast : [0x0D, 0].contains(part[part.startIndex + 1]))
            if part.first == 0x2E, number > 0 || isLone { self.octets.append(0x2E) }
            for octet in part {
                if octet == 0x0D || octet == 0 {
                    self.octets.append(0x20)
                    self.isChanged = true
                } else {
                    self.octets.append(octet)
                }
            }
            if !isLast || isEnded { self.octets += [0x0D, 0x0A] }
            if number > 0 { self.isChanged = true }
        }
    }
}

extension [UInt8] {
    /// RFC 5321 §4.5.2, by a server that knows only CRLF.
    var undotted: [UInt8] {
        var result: [UInt8] = []
        var isLineStart = true
        for index in self.indices {
            if isLineStart, self[index] == 0x2E {
                isLineStart = false
                continue
            }
            result.append(self[index])
            isLineStart = self[index] == 0x0A && index > 0 && self[index - 1] == 0x0D
        }
        return result
    }
}
