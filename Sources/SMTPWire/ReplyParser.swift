public import NIOCore

/// Cuts a remote's bytes into replies. RFC 5321 §4.2.
///
/// Tolerant in what it takes (docs/quirks.md 1.9): a bare LF ends a line, text may be missing, blank lines are skipped, the last line's code counts
/// overlong lines are cut. Strict in what it gives: a reply that came in strict form passes octet for octet; any other is rendered so.
/// Octets that are not printable ASCII become "?", UTF-8 too: RFC 6531 §3.7.4 allows it only towards gateways that asked for `SMTPUTF8`, and ASCII is right for all.
///
/// After a fault the parser is lost: it takes nothing and gives nothing until `removeAll`.
/// At most `maximumLines` × ``Limits/replyLine`` octets are held once `next` has returned nil.
public struct ReplyParser: Hashable, Sendable {
    private let maximumLines: Int
    private var buffer = ByteBuffer()
    /// In so many of the octets that wait no line ends.
    private var searched = 0
    /// The beginning of an overlong line whose end has not come.
    private var cut: [UInt8]?
    /// The lines before the last one, in strict form but for differing codes.
    private var lines: [UInt8] = []
    private var lineCount = 0
    private var isLost = false

    public init(maximumLines: Int = Limits.replyLines) {
        self.maximumLines = max(1, maximumLines)
    }

    /// Takes bytes of the remote; without copying, when nothing waits here.
    public mutating func append(_ bytes: ByteBuffer) {
        guard !self.isLost else { return }
        self.buffer.take(bytes)
    }

    /// The next reply, if it has come whole. Call it until nil: then the receive buffer is let go.
    public mutating func next() throws(ReplyFault) -> Reply? {
        while var line = self.line() {
            guard !line.isEmpty else { continue }
            guard let code = Self.code(of: line), line.count == 3 || line[3] == .space || line[3] == .hyphen else { throw self.lose(.malformedLine) }
            if line.count == 3 { line.append(.space) }
            for index in line.indices where !line[index].isText { line[index] = .questionMark }
            line.append(.cr)
            line.append(.lf)
            self.lineCount += 1
            guard line[3] == .space else {
                guard self.lineCount < self.maximumLines else { throw self.lose(.tooManyLines) }
                self.lines += line
                continue
            }
            guard code >= 200 else { throw self.lose(.malformedLine) }
            return self.reply(code, lastLine: line)
        }
        self.buffer.settle()
        return nil
    }

    /// Whether so many replies wait whole. A 421 behind them is none: with it a host says that it closes, whatever was asked.
    public func holds(atLeast count: Int) -> Bool {
        guard !self.isLost else { return false }
        return self.buffer.withUnsafeReadableBytes { octets in
            var (replies, start, isLast421) = (0, octets.startIndex, false)
            while replies <= count, let end = octets[start...].firstIndex(of: .lf) {
                let line = octets[start..<end]
                start = end + 1
                guard line.count >= 3, line.first != .cr else { continue }
                if line.count > 3, line[line.startIndex + 3] == .hyphen { continue }
                replies += 1
                isLast421 = line.prefix(3).elementsEqual("421".utf8)
            }
            return replies > count || (replies == count && !isLast421)
        }
    }

    /// Whether no octet waits and no reply is half read.
    public var isEmpty: Bool { self.buffer.readableBytes == 0 && self.lines.isEmpty && self.cut == nil }

    /// Forgets everything: for a new connection, or where plain text must not be used after TLS began.
    public mutating func removeAll() { self = ReplyParser(maximumLines: self.maximumLines) }

    /// Octets held.
    var held: Int { self.buffer.readableBytes + self.lines.count + (self.cut?.count ?? 0) }

    /// Octets of storage held on to for what waits.
    var capacity: Int { self.buffer.storageCapacity }
}

extension ReplyParser {
    private mutating func reply(_ code: Int, lastLine: [UInt8]) -> Reply {
        self.lineCount = 0
        guard !self.lines.isEmpty else { return Reply(code: code, bytes: lastLine) }
        var bytes = exchange(&self.lines, with: [])
        var start = bytes.startIndex
        while start < bytes.endIndex {
            bytes.replaceSubrange(start..<start + 3, with: lastLine.prefix(3))
            start = (bytes[start...].firstIndex(of: .lf) ?? bytes.endIndex - 1) + 1
        }
        return Reply(code: code, bytes: bytes + lastLine)
    }

    /// The next line without its end, cut to what one may hold.
    private mutating func line() -> [UInt8]? {
        let waiting = self.buffer.readableBytes
        guard let end = self.buffer.withUnsafeReadableBytes({ $0.first(.lf, in: min(self.searched, waiting)..<waiting) }) else {
            if self.cut != nil {
                self.buffer = ByteBuffer()
            } else if waiting >= Limits.replyLine {
                self.cut = self.buffer.readBytes(length: Limits.replyLine - 2)
                self.buffer = ByteBuffer()
            }
            self.searched = self.buffer.readableBytes
            return nil
        }
        self.searched = 0
        let beginning = exchange(&self.cut, with: nil)
        // With the LF, so that there is room for a CRLF again.
        var line = beginning ?? self.buffer.getBytes(at: self.buffer.readerIndex, length: min(end + 1, Limits.replyLine - 2)) ?? []
        self.buffer.moveReaderIndex(forwardBy: end + 1)
        if line.last == .lf { line.removeLast() }
        while line.last == .cr { line.removeLast() }
        return line
    }

    private mutating func lose(_ fault: ReplyFault) -> ReplyFault {
        self.removeAll()
        self.isLost = true
        return fault
    }

    private static func code(of line: [UInt8]) -> Int? {
        guard line.count >= 3, line[0].isDigit, line[1].isDigit, line[2].isDigit else { return nil }
        return Int(line[0] &- 0x30) * 100 + Int(line[1] &- 0x30) * 10 + Int(line[2] &- 0x30)
    }
}
