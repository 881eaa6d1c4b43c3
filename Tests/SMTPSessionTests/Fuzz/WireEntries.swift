import NIOCore
import SMTPWire

/// Octets of any kind into everything that reads what others wrote. Nil: all is well; else what is wrong.
///
/// The fuzzer (scripts/fuzz) drives these, and the suite plays what it found (Tests/Fuzz/Inputs).
enum FuzzEntries {
    /// Commands of a gateway, whole and in pieces whose size the first octet says.
    static func commands(_ octets: [UInt8]) -> String? {
        let size = Self.size(octets)
        let whole = Self.readCommands(octets, size: max(1, octets.count))
        guard whole == Self.readCommands(octets, size: size) else {
            return "in pieces of \(size) other commands are read"
        }
        for command in whole {
            if let fault = Self.fault(of: command) { return "\(command.bytes.shown): \(fault)" }
        }
        return nil
    }

    private static func readCommands(_ octets: [UInt8], size: Int) -> [Command] {
        var inbox = GatewayInbox()
        var commands: [Command] = []
        for piece in Self.pieces(octets, size) {
            inbox.append(piece)
            while let command = inbox.command() { commands.append(command) }
            inbox.settle()
        }
        return commands
    }

    /// One line that reads the same again, and what is logged of it.
    private static func fault(of command: Command) -> String? {
        guard command.bytes.suffix(2) == [0x0D, 0x0A] else { return "it does not end in CRLF" }
        if command.text.unicodeScalars.count > 203 || command.verb.utf8.count > 16 {
            return "its text for the log is too long"
        }
        if command.text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            return "its text for the log has control characters"
        }
        if case .malformed = command.body { return nil }
        if command.bytes.dropLast(2).contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) {
            return "a bare CR, LF or NUL"
        }
        guard Command(line: command.bytes) == command else { return "it reads otherwise a second time" }
        let rendered = Command(command.body)
        if case .malformed(.tooLong) = rendered.body { return nil }
        return rendered.body == command.body ? nil : "rendered it reads \(rendered.bytes.shown)"
    }

    /// Mail data in both modes, against law 8 in plain words.
    static func content(_ octets: [UInt8]) -> String? {
        let size = Self.size(octets)
        for lineEndings in [MailDataScanner.LineEndings.repair, .refuse] {
            let whole = Scan(Self.pieces(octets, max(1, octets.count)), lineEndings)
            guard whole == Scan(Self.pieces(octets, size), lineEndings) else {
                return "\(lineEndings): in pieces of \(size) other data come out"
            }
            guard lineEndings == .repair, let consumed = whole.consumed else { continue }
            let end = octets[..<consumed].dropLast(3)
            let expected = Repaired(Array(end), isWhole: true).octets
            if whole.output != expected { return "\(whole.output.shown) came out, and \(expected.shown) should have" }
            if whole.output.dropLast(2).contains(0) { return "a NUL came out" }
        }
        return nil
    }

    private struct Scan: Equatable {
        var output: [UInt8] = []
        var consumed: Int?
        var faults: MailDataScanner.Faults = []

        init(_ pieces: [ByteBuffer], _ lineEndings: MailDataScanner.LineEndings) {
            var (inbox, scanner) = (GatewayInbox(), MailDataScanner(lineEndings))
            var (read, isEnd) = (0, false)
            for piece in pieces {
                inbox.append(piece)
                read += piece.readableBytes
                while !isEnd, let part = inbox.content(&scanner) {
                    self.output += part.content.readableBytesView
                    self.faults = part.faults
                    isEnd = part.isEnd
                }
                if isEnd {
                    self.consumed = read - inbox.count
                    return
                }
            }
        }
    }

    /// Replies of a host: strict in what comes out, and the keywords that are read of them.
    static func replies(_ octets: [UInt8]) -> String? {
        let size = Self.size(octets)
        let whole = Self.readReplies(octets, size: max(1, octets.count))
        guard whole == Self.readReplies(octets, size: size) else {
            return "in pieces of \(size) other replies are read"
        }
        for case .success(let reply) in whole {
            if let fault = Self.fault(of: reply) { return "\(reply.bytes.shown): \(fault)" }
        }
        return nil
    }

    private static func readReplies(_ octets: [UInt8], size: Int) -> [Result<Reply, ReplyFault>] {
        var parser = ReplyParser()
        var replies: [Result<Reply, ReplyFault>] = []
        for piece in Self.pieces(octets, size) {
            parser.append(piece)
            do throws(ReplyFault) {
                while let reply = try parser.next() { replies.append(.success(reply)) }
            } catch {
                return replies + [.failure(error)]
            }
        }
        return replies
    }

    private static func fault(of reply: Reply) -> String? {
        let lines = reply.bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
        guard (200...999).contains(reply.code), !lines.isEmpty, reply.bytes.last == 0x0A else { return "no reply" }
        for (number, line) in lines.enumerated() {
            let mark = UInt8(ascii: number == lines.count - 1 ? " " : "-")
            let isStrict = line.last == 0x0D && line.prefix(4) == [UInt8]("\(reply.code)") + [mark]
            guard isStrict, line.dropLast().dropFirst(4).allSatisfy({ $0 == 0x09 || (0x20..<0x7F).contains($0) }) else {
                return "not strict"
            }
            if line.count + 1 > Limits.replyLine { return "a line of \(line.count + 1) octets" }
        }
        let keywords = Keywords(reply)
        if keywords.all.count > Limits.keywords + 1 { return "\(keywords.all.count) keywords" }
        let again = Keywords(keywords.reply { $0 })
        return again.all == keywords.all ? nil : "its keywords are others when they are said again"
    }

    /// Of a long input no more than a hundred pieces, which would be nothing new.
    static func size(_ octets: [UInt8]) -> Int { max(1 + Int(octets.first ?? 0) % 64, octets.count / 100) }

    static func pieces(_ octets: [UInt8], _ size: Int) -> [ByteBuffer] {
        stride(from: 0, to: octets.count, by: size).map { ByteBuffer(bytes: octets[$0..<min($0 + size, octets.count)]) }
    }
}
