import NIOCore
import Testing

@testable import SMTPWire

/// 100,000 byte streams each, from seeds: nothing crashes, bounds hold, and how a stream is cut makes no difference.
@Suite struct RandomStreamTests {
    static let seeds = 0..<20 as Range<UInt64>
    static let streams = 5_000

    @Test(arguments: Self.seeds)
    func `streams of commands`(seed: UInt64) {
        let words = [
            "MAIL FROM:", "RCPT TO:", "rcpt to:", "EHLO ", "AUTH ", "BDAT ", "BDAT 12 LAST", "DATA", "QUIT", "<", ">", "a@b", "\"", "\\", "@", ":",
            " ", "\t", "=", "SIZE=9", "9", "\r\n",
            "\r\n", "\r\n", "\r", "\n", "\0", "ü", ".", "-",
        ]
        var random = SplitMix64(seed: seed)
        for number in 0..<Self.streams {
            let stream = number % 4 == 0 ? random.noise(count: random.below(40)) : random.octets(words, count: random.below(12))
            let whole = commands([ByteBuffer(bytes: stream)])
            let pieces = commands(stream.inPieces(&random))
            #expect(pieces.commands == whole.commands, "\(stream.shown)")
            if number % 8 == 0 { #expect(commands(stream.bytewise).commands == whole.commands, "\(stream.shown)") }
            #expect(max(whole.held, pieces.held) < Limits.commandLine)
            for command in whole.commands { #expect(Self.isSound(command), "\(stream.shown)") }
        }
    }

    @Test(arguments: Self.seeds)
    func `streams of replies`(seed: UInt64) {
        let words = [
            "250", "250 ", "250-", "354 ", "421", "503 ", "5", "-", " ", "2.0.0", "ok", "\r\n", "\r\n", "\r\n", "\r", "\n", "\0", "ü", "\u{1B}",
        ]
        var random = SplitMix64(seed: 1000 + seed)
        for number in 0..<Self.streams {
            let stream = number % 4 == 0 ? random.noise(count: random.below(40)) : random.octets(words, count: random.below(14))
            let whole = replies([ByteBuffer(bytes: stream)], maximumLines: 3)
            let pieces = replies(stream.inPieces(&random), maximumLines: 3)
            #expect(pieces.replies == whole.replies && pieces.fault == whole.fault, "\(stream.shown)")
            if number % 8 == 0 {
                let bytewise = replies(stream.bytewise, maximumLines: 3)
                #expect(bytewise.replies == whole.replies && bytewise.fault == whole.fault, "\(stream.shown)")
            }
            #expect(max(whole.held, pieces.held) <= 3 * Limits.replyLine)
            for reply in whole.replies { #expect(Self.isStrict(reply), "\(stream.shown)") }
        }
    }

    @Test(arguments: Self.seeds)
    func `streams of mail data`(seed: UInt64) {
        let words = ["\r\n", "\r\n", "\r\n.\r\n", "\r", "\n", ".", ".", "\0", "a", "line"]
        var random = SplitMix64(seed: 2000 + seed)
        for number in 0..<Self.streams {
            let stream = number % 8 == 0 ? random.noise(count: random.below(40)) : random.octets(words, count: random.below(14))
            let whole = Self.scan([ByteBuffer(bytes: stream)]), pieces = Self.scan(stream.inPieces(&random, upTo: 5))
            let law = LawEight(stream)
            if let consumed = law.consumed {
                #expect(whole.rest == Array(stream[consumed...]) && pieces.rest == whole.rest, "\(stream.shown)")
                #expect(whole.output == law.output && pieces.output == law.output, "\(stream.shown)")
            } else {
                #expect(whole.rest == nil && pieces.rest == nil, "\(stream.shown)")
                #expect(whole.output == pieces.output, "\(stream.shown)")
            }
        }
    }

    /// A few long ones, past every limit.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func `long streams`(seed: UInt64) {
        var random = SplitMix64(seed: 3000 + seed)
        var stream: [UInt8] = []
        for _ in 0..<12 {
            stream += random.octets(["250-", "250 ", "auth x", "AUTH ", "NOOP", "\r", "\n", "."], count: random.below(3))
            stream += [UInt8](repeating: [0x61, 0x0D, 0x0A, 0x20, 0x2E][random.below(5)], count: random.below(6000))
            if random.below(2) == 0 { stream += Array("\r\n") }
        }
        let whole = commands([ByteBuffer(bytes: stream)]), pieces = commands(stream.inPieces(&random, upTo: 3000))
        #expect(whole.commands == pieces.commands)
        #expect(max(whole.held, pieces.held) < Limits.authenticationLine)

        let heard = replies([ByteBuffer(bytes: stream)]), cut = replies(stream.inPieces(&random, upTo: 3000))
        #expect(heard.replies == cut.replies && heard.fault == cut.fault)
        #expect(max(heard.held, cut.held) <= Limits.replyLines * Limits.replyLine)

        let data = Self.scan([ByteBuffer(bytes: stream)]), parts = Self.scan(stream.inPieces(&random, upTo: 3000))
        #expect(data.output == parts.output && data.rest == parts.rest)
    }
}

extension RandomStreamTests {
    /// One line that reads the same again, and bounded text.
    private static func isSound(_ command: Command) -> Bool {
        guard command.bytes.suffix(2) == [.cr, .lf], command.text.unicodeScalars.count <= 203, command.verb.count <= 16 else { return false }
        if case .malformed = command.body { return true }
        guard !command.bytes.dropLast(2).contains(where: { $0 == .cr || $0 == .lf || $0 == .nul }), Command(line: command.bytes) == command else {
            return false
        }
        return Command(command.body).body == command.body
    }

    private static func isStrict(_ reply: Reply) -> Bool {
        let lines = reply.bytes.lines(ending: Array("\r\n"))
        let code = Array(String(reply.code))
        return (200...999).contains(reply.code) && lines.joined(separator: Array("\r\n")) + Array("\r\n") == reply.bytes
            && lines.enumerated().allSatisfy { number, line in
                line.starts(with: code + [number == lines.count - 1 ? .space : .hyphen]) && line.dropFirst(4).allSatisfy(\.isText)
                    && line.count + 2 <= Limits.replyLine
            }
    }

    private static func scan(_ pieces: [ByteBuffer]) -> (output: [UInt8], rest: [UInt8]?) {
        var inbox = GatewayInbox()
        var scanner = MailDataScanner()
        var output: [UInt8] = []
        var isEnd = false
        for piece in pieces {
            inbox.append(piece)
            while let part = inbox.content(&scanner) {
                output += part.content.readableBytesView
                isEnd = isEnd || part.isEnd
            }
            inbox.settle()
        }
        return (output, isEnd ? Array(buffer: inbox.takeAll()) : nil)
    }
}

extension SplitMix64 {
    /// Any octets; every fourth one of those that matter.
    fileprivate mutating func noise(count: Int) -> [UInt8] {
        (0..<count).map { _ in
            let number = self.next()
            return number & 3 == 0 ? [0x0D, 0x0A, 0x2E, 0x00, 0x20, 0x32, 0x35, 0x30][Int(number >> 8 & 7)] : UInt8(truncatingIfNeeded: number >> 16)
        }
    }
}
