import NIOCore
import QuirkKit

/// The filters of one message, and how far they are.
struct ContentFilters: Hashable, Sendable {
    private var folder: LineFolder?
    private var ending: BlankLineEnding?

    init(_ filters: [ContentFilter]) {
        for filter in filters {
            switch filter {
            case .foldsLines(let length): self.folder = LineFolder(length: length)
            case .endsWithBlankLine: self.ending = BlankLineEnding()
            }
        }
    }

    /// What can go of the content by now.
    mutating func pass(_ content: ByteBuffer) -> ByteBuffer {
        let folded = self.folder?.fold(content) ?? content
        self.ending?.note(folded)
        return folded
    }

    /// What goes in front of the final dot.
    mutating func end() -> ByteBuffer {
        var rest = self.folder?.end() ?? ByteBuffer()
        self.ending?.note(rest)
        if let line = self.ending?.missing { rest.writeImmutableBuffer(line) }
        return rest
    }

    /// What became of the content, for the log, by the filter's kind.
    func did(_ filter: ContentFilter) -> String? {
        switch filter {
        case .foldsLines(let length):
            guard let folder, folder.folded > 0 else { return nil }
            return "folded \(folder.folded) line\(folder.folded == 1 ? "" : "s") of more than \(length) octets"
        case .endsWithBlankLine: return self.ending?.isMissing == true ? "added a blank line at the end" : nil
        }
    }
}

/// Whether the mail data ends in a blank line.
private struct BlankLineEnding: Hashable, Sendable {
    private static let line = ByteBuffer(string: "\r\n")
    /// The last four octets; the line break before the content counts.
    private var tail: [UInt8] = [0x0D, 0x0A]

    mutating func note(_ content: ByteBuffer) {
        self.tail = (self.tail + content.readableBytesView.suffix(4)).suffix(4)
    }

    var isMissing: Bool { self.tail != [0x0D, 0x0A, 0x0D, 0x0A] }
    var missing: ByteBuffer? { self.isMissing ? Self.line : nil }
}
