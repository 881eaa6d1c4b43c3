import NIOCore
import Testing

@testable import SMTPWire

/// Pieces of one message joined, with what was left behind its end.
private struct Scanned: Equatable {
    var output: [UInt8] = []
    var consumed = 0
    var isEnd = false
    var faults: MailDataScanner.Faults = []

    init(_ pieces: [ByteBuffer], _ lineEndings: MailDataScanner.LineEndings = .repair) {
        var scanner = MailDataScanner(lineEndings)
        for var piece in pieces {
            let before = piece.readableBytes
            while let part = scanner.scan(&piece) {
                #expect(!self.isEnd, "nothing comes behind the end")
                self.output += part.content.readableBytesView
                self.isEnd = part.isEnd
                #expect(part.faults.isSuperset(of: self.faults))
                self.faults = part.faults
            }
            self.consumed += before - piece.readableBytes
            #expect(self.isEnd || piece.readableBytes == 0)
        }
    }
}

/// What is certain of any input.
private func obey(_ input: [UInt8], _ scanned: Scanned, readers: [DownstreamReader]) {
    let law = LawEight(input)
    #expect(scanned.isEnd == (law.consumed != nil), "\(input.shown)")
    guard let consumed = law.consumed else { return }
    #expect(scanned.consumed == consumed, "\(input.shown)")
    #expect(scanned.output == law.output, "\(input.shown) became \(scanned.output.shown)")
    #expect(scanned.output.unstuffed == law.content, "\(input.shown) became \(scanned.output.shown)")
    #expect(scanned.faults == law.faults, "\(input.shown)")
    let wire = scanned.output + Array(".\r\nQUIT\r\n")
    for reader in readers {
        #expect(reader.end(wire) == scanned.output.count, "\(reader.testDescription): \(input.shown) became \(scanned.output.shown)")
    }
}

@Suite("Law 8: content is never read as commands, nor commands as content") struct LawEightTests {
    /// docs/quirks.md 5.2, and more of the kind.
    static let sequences = [
        "\n.\n", "\n.\r", "\r.\n", "\r.\r", "\n.\r\n", "\r.\r\n", "\r\n\0.\r\n", "\r\n.\r\r\n", "\r\r\n.\r\r\n", "\r\n.\n", "\r\n.\r", "\r\n.\0\r\n",
        "\0.\0", "\r\n.\0", "\n\n.\n\n",
        "\r\r.\r\r", "\n\r.\n\r", "\r\n\n.\r\n", "\r\n\r.\r\n", "\r\n..\n", "\n..\n", "\n..\r\n", "\r\n.a\n", "\n.a\n", "\r\n..\r\n", "\r\n.\n.\n.\r",
        "\r\n.\n\r\n", "\r\0\n.\r\n",
    ]

    private static let expected: [(String, String)] = [
        ("\n.\n", "\r\n..\r\n"), ("\n.\r", "\r\n.. "), ("\r.\n", " .\r\n"), ("\r.\r", " . "), ("\n.\r\n", "\r\n..\r\n"), ("\r.\r\n", " .\r\n"),
        ("\r\n\0.\r\n", "\r\n .\r\n"),
        ("\r\n.\r\r\n", "\r\n.. \r\n"), ("\r\r\n.\r\r\n", " \r\n.. \r\n"), ("\r\n.\n", "\r\n..\r\n"), ("\r\n.\r", "\r\n.. "),
        ("\r\n.\0\r\n", "\r\n.. \r\n"), ("\r\n..\n", "\r\n..\r\n"),
        ("\n..\r\n", "\r\n...\r\n"), ("\r\n.a\n", "\r\n.a\r\n"), ("\n.a\n", "\r\n..a\r\n"), ("\r\n..\r\n", "\r\n..\r\n"), ("\0", " "), ("\n", "\r\n"),
        ("\r", " "), ("\r\n", "\r\n"),
    ]

    @Test(arguments: Self.expected)
    func `what becomes of it`(sequence: String, output: String) {
        let scanned = Scanned([ByteBuffer(string: "a\(sequence)b\r\n.\r\nQUIT\r\n")])
        #expect(scanned.output.shown == Array("a\(output)b\r\n").shown)
        #expect(scanned.isEnd)
        #expect(scanned.consumed == sequence.utf8.count + 7)
    }

    @Test(arguments: [
        (".\r\nQUIT\r\n", ""), ("\r\n.\r\n", "\r\n"), ("\n.\r\n.\r\n", "\r\n..\r\n"), (".\n.\r\n\r\n.\r\n", "..\r\n..\r\n\r\n"),
        (".\0\r\n.\r\n", ".. \r\n"), ("..\r\n.\r\n", "..\r\n"),
        ("\r\r\n.\r\n", " \r\n"), (".\r.\r\n.\r\n", ".. .\r\n"),
    ])
    func `the line break before the content counts`(input: String, output: String) {
        let scanned = Scanned([ByteBuffer(string: input)])
        #expect(scanned.output.shown == Array(output).shown)
        #expect(scanned.isEnd)
        obey(Array(input), Scanned(Array(input).bytewise), readers: [.strict] + DownstreamReader.lenient)
    }

    @Test(arguments: Self.sequences)
    func `every sequence, in every split, for every reader`(sequence: String) {
        let head = Array("a\(sequence)b\r\n.\r"), tail = Array("\nQUIT\r\n")
        let whole = Scanned([ByteBuffer(bytes: head + tail)])
        obey(head + tail, whole, readers: [.strict] + DownstreamReader.lenient)
        // A bit for each place: cut there or not. The last twelve places before the final LF, whatever stands before them.
        let places = Array((1...head.count).suffix(12))
        for cuts in 0..<(1 << places.count) {
            let chosen = places.indices.filter { cuts >> $0 & 1 == 1 }.map { places[$0] }
            let pieces = Scanned((head + tail).cut(at: chosen))
            guard pieces == whole else {
                Issue.record("\(sequence.debugDescription) cut at \(chosen): \(pieces.output.shown)")
                return
            }
        }
        #expect(Scanned((head + tail).bytewise) == whole)
    }

    /// Mail that is nothing but line ends, dots and NULs.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func `random content has one end, the same for every reader`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<600 {
            let body = random.octets(["\r\n", "\r\n", "\r", "\n", "\n", ".", ".", ".", "\0", "a", " "], count: random.below(24))
            let input = body + Array("\r\n.\r\nQUIT\r\n")
            let whole = Scanned([ByteBuffer(bytes: input)])
            obey(input, whole, readers: [.strict] + DownstreamReader.lenient)
            #expect(Scanned(input.bytewise) == whole, "\(input.shown)")
            #expect(Scanned(input.inPieces(&random, upTo: 6)) == whole, "\(input.shown)")
        }
    }

    @Test func `content without faults is not copied and passes octet for octet`() throws {
        let line = String(repeating: "x", count: 74) + "\r\n..dot\r\n.a\r\n"
        var input = ByteBuffer(string: String(repeating: line, count: 400) + ".\r\nQUIT\r\n")
        let original = input
        var scanner = MailDataScanner()
        let scanned = scanner.scan(&input)
        let piece = try #require(scanned)
        #expect(piece.isEnd && piece.faults.isEmpty && piece.repaired == 0)
        #expect(piece.content == original.getSlice(at: 0, length: original.readableBytes - 9))
        #expect(input == ByteBuffer(string: "QUIT\r\n"))
        let place = original.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        #expect(piece.content.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } == place)
        #expect(scanner.scan(&input) == nil)
    }

    @Test func `at most two octets are held back`() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<300 {
            var scanner = MailDataScanner()
            var (fed, out, isEnd) = (0, 0, false)
            for var piece in random.octets(["\r\n", ".", "\r", "a", "."], count: 20).bytewise where !isEnd {
                fed += 1
                while let part = scanner.scan(&piece) {
                    out += part.content.readableBytes
                    isEnd = part.isEnd
                }
                #expect(isEnd || fed - out <= 2)
            }
        }
    }

    @Test func `repairs are counted`() {
        var input = ByteBuffer(string: "a\nb\rc\0d\n.\r\n.\n\r\n.\r\n")
        var scanner = MailDataScanner()
        let piece = scanner.scan(&input)
        #expect(
            piece
                == MailDataScanner.Piece(
                    content: ByteBuffer(string: "a\r\nb c d\r\n..\r\n..\r\n\r\n"), isEnd: true, faults: [.bareLF, .bareCR, .nul], repaired: 5))
    }

    /// Refused content: nothing from the first fault on, and still the end is found.
    @Test(arguments: Self.sequences)
    func `refused, nothing comes out from the fault on`(sequence: String) {
        let input = Array("ab\r\n\(sequence)b\r\nc\r\n.\r\nQUIT\r\n")
        let repaired = Scanned([ByteBuffer(bytes: input)])
        let refused = Scanned([ByteBuffer(bytes: input)], .refuse)
        #expect(refused.isEnd && refused.consumed == repaired.consumed && refused.faults == repaired.faults)
        #expect(Scanned(input.bytewise, .refuse) == refused)
        if refused.faults.isEmpty {
            #expect(refused == repaired)
        } else {
            #expect(input.starts(with: refused.output))
            #expect(!refused.output.contains(.nul))
            #expect(!(refused.output + [.space]).lines(ending: Array("\r\n")).contains { $0.contains(.cr) || $0.contains(.lf) })
        }
    }
}
