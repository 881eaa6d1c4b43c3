import NIOCore

/// Folds lines of mail data that are longer than a host takes (RFC 5321 §4.5.3.1.6: 998 octets before the CRLF), as RFC 5322 §2.2.3 folds a header:
/// CRLF in front of a blank; where a line has none, CRLF and a blank are put in. So no line begins with a dot that did not before (law 8).
///
/// One line at most is held, and of that no more than may stand in one.
struct LineFolder: Hashable, Sendable {
    let length: Int
    /// The line so far, or what is left of it behind a fold.
    private var line: [UInt8] = []
    /// A part of the line has gone; CRLF goes in front of the rest, where that is more than blanks.
    private var isContinued = false
    /// Lines that were folded.
    private(set) var folded = 0

    init(length: Int) { self.length = max(2, length) }

    /// Octets that can go now.
    mutating func fold(_ content: ByteBuffer) -> ByteBuffer {
        var out = ByteBuffer()
        out.reserveCapacity(content.readableBytes + self.line.count)
        var rest = content.readableBytesView
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            self.take(rest[...end], into: &out)
            self.finishLine(into: &out)
            rest = rest[(end + 1)...]
        }
        self.take(rest, into: &out)
        return out
    }

    /// What is left of a line that has no end.
    mutating func end() -> ByteBuffer {
        var out = ByteBuffer()
        if !self.line.isEmpty { self.continueLine(self.line[...], into: &out) }
        self.line = []
        self.isContinued = false
        return out
    }

    private mutating func take(_ octets: ByteBufferView, into out: inout ByteBuffer) {
        self.line += octets
        var start = 0
        while let cut = self.cut(self.line[start...]) {
            if !self.isContinued { self.folded += 1 }
            self.continueLine(self.line[start..<cut], into: &out)
            self.isContinued = true
            start = cut
        }
        if start > 0 { self.line.removeFirst(start) }
    }

    private mutating func finishLine(into out: inout ByteBuffer) {
        // Of blanks alone no line is made: some readers would take it for the end of the header.
        if self.isContinued, self.line.dropLast(2).allSatisfy(\.isBlank) {
            out.writeBytes([.cr, .lf])
        } else {
            self.continueLine(self.line[...], into: &out)
        }
        self.line.removeAll(keepingCapacity: true)
        self.isContinued = false
    }

    private func continueLine(_ part: ArraySlice<UInt8>, into out: inout ByteBuffer) {
        if self.isContinued {
            out.writeBytes([.cr, .lf])
            if part.first?.isBlank != true { out.writeInteger(UInt8.space) }
        }
        out.writeBytes(part)
    }

    /// Where a part of the line ends that can go; nil: all of it may stand in one.
    private func cut(_ text: ArraySlice<UInt8>) -> Int? {
        let isAdded = self.isContinued && text.first?.isBlank != true
        // The dot that was added for transparency does not count (RFC 5321 §4.5.2).
        let limit = self.length - (isAdded ? 1 : 0) + (!self.isContinued && text.first == .dot ? 1 : 0)
        let visible = text.count - (text.last == .lf ? 2 : text.last == .cr ? 1 : 0)
        guard visible > limit else { return nil }
        let last = text.startIndex + limit
        let first = text.firstIndex { !$0.isBlank } ?? text.endIndex
        if let blank = text[...last].lastIndex(where: \.isBlank), blank > first {
            // In front of the whole run of blanks.
            let word = text[...blank].lastIndex { !$0.isBlank } ?? blank
            return word + 1
        }
        // Not in the middle of a character (RFC 3629 §3), which has four octets at most.
        let boundary = (max(text.startIndex + 1, last - 3)...last).last { text[$0] & 0xC0 != 0x80 }
        return boundary ?? last
    }
}

extension UInt8 {
    fileprivate static let cr = UInt8(ascii: "\r"), lf = UInt8(ascii: "\n"), space = UInt8(ascii: " "),
        dot = UInt8(ascii: ".")
    fileprivate var isBlank: Bool { self == .space || self == UInt8(ascii: "\t") }
}
