import NIOCore
import QuirkKit
import Testing

@testable import SMTPSession

/// Filters of mail data: whatever the pieces, and never a line too long.
@Suite struct ContentFilterTests {
    /// As the host reads it.
    private static func filtered(_ content: [UInt8], _ filters: [ContentFilter], pieces: () -> Int) -> [UInt8] {
        var chain = ContentFilters(filters)
        var out = ByteBuffer()
        var rest = content[...]
        while !rest.isEmpty {
            let piece = rest.prefix(pieces())
            rest = rest.dropFirst(piece.count)
            out.writeImmutableBuffer(chain.pass(ByteBuffer(bytes: piece)))
        }
        out.writeImmutableBuffer(chain.end())
        return Array(out.readableBytesView)
    }

    private static func lines(_ content: [UInt8]) -> [[UInt8]] {
        content.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in Array(line.last == 0x0D ? line.dropLast() : line) }
    }

    /// Lines of words, of blanks, without any, of UTF-8, with dots in front.
    private static func content(_ dice: inout Dice) -> [UInt8] {
        var content: [UInt8] = []
        for _ in 0..<dice.within(0...6) {
            if dice.permille(200) { content += [UInt8]("..") }
            for _ in 0..<dice.within(0...40) {
                content += [UInt8](dice.pick(["a", "bcdef", " ", "  ", "\t", "word ", "\u{20AC}", String(repeating: "x", count: 30)]))
            }
            content += [0x0D, 0x0A]
        }
        return content
    }

    @Test(arguments: UInt64(1)...200) func `pieces do not matter, no line is too long, nothing is lost`(_ seed: UInt64) {
        var dice = Dice(seed: seed)
        let content = Self.content(&dice)
        let length = dice.within(64...80)
        let whole = Self.filtered(content, [.foldsLines(length), .endsWithBlankLine]) { content.count }
        let pieces = Self.filtered(content, [.foldsLines(length), .endsWithBlankLine]) { dice.within(1...9) }
        #expect(whole == pieces)
        #expect(whole.suffix(2) == [0x0D, 0x0A] && (whole.count == 2 || whole.suffix(4) == [0x0D, 0x0A, 0x0D, 0x0A]))
        for line in Self.lines(whole) {
            #expect(line.count <= length + (line.first == UInt8(ascii: ".") ? 1 : 0))
            #expect(String(validating: line, as: UTF8.self) != nil)
        }
        let visible: ([UInt8]) -> [UInt8] = { $0.filter { ![0x20, 0x09, 0x0D, 0x0A].contains($0) } }
        #expect(visible(whole) == visible(content))
        // No line begins with a dot, and none is empty, that was not so before.
        let (dots, before) = (Self.lines(whole).count { $0.first == UInt8(ascii: ".") }, Self.lines(content).count { $0.first == UInt8(ascii: ".") })
        #expect(dots == before)
        let blanks: ([[UInt8]]) -> Int = { $0.count { $0.allSatisfy { $0 == 0x20 || $0 == 0x09 } } }
        let added = content.suffix(4) == [0x0D, 0x0A, 0x0D, 0x0A] || content == [0x0D, 0x0A] ? 0 : 1
        #expect(blanks(Self.lines(whole)) <= blanks(Self.lines(content)) + added)
    }

    @Test(arguments: [
        ("aaaa bbbb\r\n", "aaaa bbbb\r\n"), ("aaaa bbbbb\r\n", "aaaa\r\n bbbbb\r\n"), ("aaaaaaaaaa\r\n", "aaaaaaaaa\r\n a\r\n"),
        ("aaaa   bbbbbb\r\n", "aaaa\r\n   bbbbbb\r\n"), ("aaaaaaaaa   \r\n", "aaaaaaaaa\r\n"), (".aaaaaaaaa\r\n", ".aaaaaaaaa\r\n"),
        ("aaaaaaaa\u{20AC}b\r\n", "aaaaaaaa\r\n \u{20AC}b\r\n"), ("\r\n\r\n", "\r\n\r\n"), ("", ""),
    ])
    func `a line of nine octets`(_ content: String, _ expected: String) {
        #expect(Self.filtered([UInt8](content.utf8), [.foldsLines(9)]) { 3 } == [UInt8](expected.utf8))
    }

    @Test(arguments: [("a\r\n", "a\r\n\r\n"), ("a\r\n\r\n", "a\r\n\r\n"), ("", "\r\n"), ("\r\n", "\r\n")])
    func `a blank line at the end`(_ content: String, _ expected: String) {
        #expect(Self.filtered([UInt8](content.utf8), [.endsWithBlankLine]) { 2 } == [UInt8](expected.utf8))
    }
}
