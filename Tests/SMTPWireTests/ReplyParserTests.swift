import NIOCore
import Testing

@testable import SMTPWire

/// All that comes out; the fault last.
func replies(_ pieces: [ByteBuffer], maximumLines: Int = Limits.replyLines) -> (replies: [Reply], fault: ReplyFault?, held: Int) {
    var parser = ReplyParser(maximumLines: maximumLines)
    var all: [Reply] = []
    var held = 0
    for piece in pieces {
        parser.append(piece)
        do throws(ReplyFault) {
            while let reply = try parser.next() { all.append(reply) }
        } catch {
            return (all, error, held)
        }
        held = max(held, parser.held)
    }
    return (all, nil, held)
}

@Suite struct ReplyParserTests {
    private static let long = String(repeating: "x", count: 5000)

    /// What a remote says (docs/quirks.md 1.9), and what the gateway hears.
    private static let tolerated: [(String, [String])] = [
        ("220 mx.example.org ESMTP\r\n", ["220 mx.example.org ESMTP\r\n"]),
        ("250-a\r\n250-SIZE 10\r\n250 OK\r\n", ["250-a\r\n250-SIZE 10\r\n250 OK\r\n"]),
        ("250 a\tb\r\n", ["250 a\tb\r\n"]),
        ("250 \r\n", ["250 \r\n"]),
        ("250-\r\n250 \r\n", ["250-\r\n250 \r\n"]),
        ("250 a\n250-b\n250 c\n", ["250 a\r\n", "250-b\r\n250 c\r\n"]),
        ("250\r\n250\n", ["250 \r\n", "250 \r\n"]),
        ("250-a\r\n250\r\n", ["250-a\r\n250 \r\n"]),
        ("\r\n\n250 a\r\n\r\n250-b\r\n\r\n\n250 c\r\n", ["250 a\r\n", "250-b\r\n250 c\r\n"]),
        ("250-foo\r\n220 bar\r\n", ["220-foo\r\n220 bar\r\n"]),
        ("250-foo\r\n150-bar\r\n\r\n550 no\r\n", ["550-foo\r\n550-bar\r\n550 no\r\n"]),
        ("250 a\r\r\r\n", ["250 a\r\n"]),
        ("250 a\rb\0c\u{7}\r\n", ["250 a?b?c?\r\n"]),
        ("550 grün\r\n", ["550 gr??n\r\n"]),
        ("250 a\r250 b\r\n", ["250 a?250 b\r\n"]),
        ("850 odd\r\n470 odd\r\n999 odd\r\n", ["850 odd\r\n", "470 odd\r\n", "999 odd\r\n"]),
        ("250 " + long + "\r\n250 b\r\n", ["250 " + long.prefix(2042) + "\r\n", "250 b\r\n"]),
        ("250-" + long + "\n250 b\r\n", ["250-" + long.prefix(2042) + "\r\n250 b\r\n"]),
        ("250 " + long.prefix(2042) + "\r\n250 b\r\n", ["250 " + long.prefix(2042) + "\r\n", "250 b\r\n"]),
        ("250 " + long.prefix(2043) + "\r\n250 b\r\n", ["250 " + long.prefix(2042) + "\r\n", "250 b\r\n"]),
    ]

    @Test(arguments: Self.tolerated)
    func `tolerant in, strict out, however it is cut`(input: String, output: [String]) {
        let input = Array(input)
        var random = SplitMix64(seed: 7)
        for pieces in [[ByteBuffer(bytes: input)], input.bytewise] + (0..<20).map({ _ in input.inPieces(&random, upTo: 700) }) {
            let heard = replies(pieces)
            #expect(heard.replies.map(\.bytes) == output.map { Array($0) })
            #expect(heard.replies.map { String($0.code) } == output.map { String($0.prefix(3)) })
            #expect(heard.fault == nil)
        }
    }

    @Test(arguments: [
        "hello\r\n", "25\r\n", "2500 a\r\n", "250_a\r\n", "250\ta\r\n", " 250 a\r\n", "\0250 a\r\n", "-250 a\r\n", "000 a\r\n", "150 a\r\n",
        "199\r\n", "250-a\r\nb\r\n", "250-a\r\n150 b\r\n",
        "25O a\r\n", "٢٥٠ a\r\n", "\r250 a\r\n", "HTTP/1.1 400 Bad Request\r\n", "\u{15}\u{3}\u{1}\0\u{2}\u{2}\n",
    ])
    func `what is no reply is a fault, and nothing is guessed after it`(line: String) throws {
        let input = Array("220 a\r\n" + line + "250 b\r\n")
        for pieces in [[ByteBuffer(bytes: input)], input.bytewise] {
            let heard = replies(pieces)
            #expect(heard.replies == [Reply(220, "a")])
            #expect(heard.fault == .malformedLine)
        }

        var parser = ReplyParser()
        parser.append(ByteBuffer(string: line))
        #expect(throws: ReplyFault.malformedLine) { try parser.next() }
        #expect(parser.isEmpty)
        parser.append(ByteBuffer(string: "250 b\r\n"))
        #expect(try parser.next() == nil)
        parser.removeAll()
        parser.append(ByteBuffer(string: "250 b\r\n"))
        #expect(try parser.next() == Reply(250, "b"))
    }

    @Test(arguments: [1, 2, 128])
    func `too many lines are a fault`(maximum: Int) {
        let most = String(repeating: "250-a\r\n", count: maximum - 1) + "250 b\r\n"
        #expect(replies([ByteBuffer(string: most)], maximumLines: maximum).replies.map(\.bytes) == [Array(most)])
        let oneMore = replies([ByteBuffer(string: "250-a\r\n" + most)], maximumLines: maximum)
        #expect(oneMore.replies.isEmpty)
        #expect(oneMore.fault == .tooManyLines)
        #expect(replies([ByteBuffer(string: most + most)], maximumLines: maximum).replies.count == 2)
    }

    @Test func `knows whether something waits`() throws {
        var parser = ReplyParser()
        #expect(parser.isEmpty)
        parser.append(ByteBuffer(string: "250-a\r\n"))
        #expect(try parser.next() == nil)
        #expect(!parser.isEmpty)
        parser.append(ByteBuffer(string: "250 b\r\n2"))
        #expect(try parser.next() == Reply(250, "a\nb"))
        #expect(try parser.next() == nil)
        #expect(!parser.isEmpty)
        parser.removeAll()
        #expect(parser.isEmpty)
    }

    /// A line without an end, and a reply without one, as long as the remote likes.
    @Test(arguments: ["2", "250-", "250-\n", "250-" + String(repeating: "x", count: 3000) + "\r\n"])
    func `holds no more than it says`(part: String) {
        let input = Array(String(repeating: part, count: 2_000_000 / part.utf8.count).utf8)
        var random = SplitMix64(seed: 3)
        for maximum in [1, 5, 128] {
            #expect(replies(input.inPieces(&random, upTo: 40_000), maximumLines: maximum).held <= maximum * Limits.replyLine)
        }
    }

    @Test func `lets go of the receive buffer`() throws {
        var parser = ReplyParser()
        parser.append(ByteBuffer(string: String(repeating: "250 a\r\n", count: 1000) + "25"))
        var count = 0
        while try parser.next() != nil { count += 1 }
        #expect(count == 1000)
        #expect(parser.capacity <= 64)
        parser.append(ByteBuffer(string: "0 b\r\n"))
        #expect(try parser.next() == Reply(250, "b"))
        #expect(try parser.next() == nil)
        #expect(parser.capacity == 0)
    }

    @Test func `faults speak`() {
        #expect(ReplyFault.malformedLine.description == "a line that is no reply")
        #expect(ReplyFault.tooManyLines.description == "a reply of too many lines")
    }
}
