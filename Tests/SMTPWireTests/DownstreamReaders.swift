import Testing

@testable import SMTPWire

/// Where a reader of mail data takes the end to be: the place of the final dot; nil while it waits for more.
struct DownstreamReader: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let end: @Sendable ([UInt8]) -> Int?

    init(_ name: String, _ end: @escaping @Sendable ([UInt8]) -> Int?) {
        self.testDescription = name
        self.end = end
    }

    /// Line by line, where any of these ends a line, the longest first; a line that is a dot, once made up, ends the message.
    init(_ name: String, lineEnds: [String], makeUp: @escaping @Sendable (ArraySlice<UInt8>) -> [UInt8] = { Array($0) }) {
        let lineEnds = lineEnds.map { Array($0) }
        self.init(name) { bytes in
            var start = 0
            var index = 0
            while index < bytes.count {
                guard let lineEnd = lineEnds.first(where: { bytes[index...].starts(with: $0) }) else {
                    index += 1
                    continue
                }
                if makeUp(bytes[start..<index]) == Array(".") { return bytes[start...].firstIndex(of: UInt8(ascii: ".")) }
                index += lineEnd.count
                start = index
            }
            return nil
        }
    }

    /// A dot between any two of these, as the scanners of CVE-2023-51764 to -51766 look for them.
    init(_ name: String, dotBetween lineEnds: [String]) {
        let lineEnds = lineEnds.map { Array($0) }
        self.init(name) { bytes in
            bytes.indices.first { dot in
                bytes[dot] == UInt8(ascii: ".") && (dot == 0 || lineEnds.contains { bytes[..<dot].suffix($0.count) == $0[...] })
                    && lineEnds.contains { bytes[(dot + 1)...].starts(with: $0) }
            }
        }
    }

    static let strict = DownstreamReader("only CRLF", lineEnds: ["\r\n"])

    static let lenient: [DownstreamReader] = [
        DownstreamReader("LF, and CRLF", lineEnds: ["\r\n", "\n"]),
        DownstreamReader("LF, and as many CRs before it as there are", lineEnds: ["\n"]) { line in
            Array(line.reversed().drop { $0 == .cr }.reversed())
        },
        DownstreamReader("CR, LF and CRLF", lineEnds: ["\r\n", "\n", "\r"]),
        DownstreamReader("CR, and CRLF", lineEnds: ["\r\n", "\r"]),
        DownstreamReader("LFCR too", lineEnds: ["\r\n", "\n\r", "\n", "\r"]),
        DownstreamReader("C strings", lineEnds: ["\n"]) { line in line.prefix { $0 != .nul }.filter { $0 != .cr } },
        DownstreamReader("NULs and CRs thrown away", lineEnds: ["\n"]) { line in line.filter { $0 != .nul && $0 != .cr } },
        DownstreamReader("LF.LF, LF.CRLF, CRLF.LF", dotBetween: ["\n", "\r\n"]),
        DownstreamReader("CR.CR, CR.CRLF, CRLF.CR", dotBetween: ["\r", "\r\n"]),
        DownstreamReader("any of CR, LF, CRLF around a dot", dotBetween: ["\r", "\n", "\r\n"]),
        DownstreamReader("any of CR, LF, NUL around a dot", dotBetween: ["\r", "\n", "\0"]),
    ]
}

/// What law 8 makes of mail data, in the plainest words: all at once, line by line.
struct LawEight {
    /// What goes to the next server, without the final dot's line.
    var output: [UInt8] = []
    /// What that server's user reads, un-stuffed.
    var content: [UInt8] = []
    /// What was consumed, with the final dot's line; nil where there is no end.
    var consumed: Int?
    var faults: MailDataScanner.Faults = []

    init(_ input: [UInt8]) {
        let framed = Array("\r\n") + input
        let ending = Array("\r\n.\r\n")
        let end = framed.indices.first { framed[$0...].starts(with: ending) }
        self.consumed = end.map { $0 + ending.count - 2 }
        let body = end.map { Array(input[..<$0]) } ?? input

        for line in body.lines(ending: Array("\r\n")) {
            let parts = line.split(separator: .lf, omittingEmptySubsequences: false)
            if parts.count > 1 { self.faults.insert(.bareLF) }
            for (number, part) in parts.enumerated() {
                if part.contains(.cr) { self.faults.insert(.bareCR) }
                if part.contains(.nul) { self.faults.insert(.nul) }
                let isNew = number > 0
                let isLone = part.count == 1 ? parts.count > 1 : part.dropFirst().first.map { $0 == .cr || $0 == .nul } ?? false
                let spaced = part.map { $0 == .cr || $0 == .nul ? UInt8.space : $0 }
                let isDotted = part.first == .dot
                self.output += (isDotted && (isNew || isLone) ? [.dot] : []) + spaced + Array("\r\n")
                self.content += (isDotted && !isNew && !isLone ? Array(spaced.dropFirst()) : spaced) + Array("\r\n")
            }
        }
    }
}

extension Array where Element == UInt8 {
    /// Lines without their ends; what is behind the last end is left out.
    func lines(ending: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var index = 0
        while index < self.count {
            if self[index...].starts(with: ending) {
                lines.append([])
                index += ending.count
            } else {
                lines[lines.count - 1].append(self[index])
                index += 1
            }
        }
        return lines.dropLast()
    }

    /// RFC 5321 §4.5.2, by a server that knows only CRLF.
    var unstuffed: [UInt8] {
        self.lines(ending: Array("\r\n")).flatMap { ($0.first == .dot ? Array($0.dropFirst()) : $0) + Array("\r\n") }
    }
}
