public import NIOCore

/// Mail data between 354 and the final dot (RFC 5321 §4.1.1.4, §4.5.2), law 8: only CRLF ends a line, only CRLF.CRLF ends a message.
///
/// What comes out has no bare CR, no bare LF and no NUL, so that a reader who takes one of these for a line end sees the same lines as one who does not:
///
/// | came | goes | |
/// | --- | --- | --- |
/// | bare LF | CRLF | and a dot behind it gets one more: the line start is new |
/// | bare CR, NUL | space | |
/// | CRLF `.` and then a bare LF, a bare CR or a NUL | `..` | else it would read as the end, or nearly |
/// | anything else | itself | dot-stuffing stays as it came |
///
/// Octets are held back only while they can still become something else: a CR, and a dot at a line start with a CR behind it, two octets at most.
/// When the gateway leaves in the middle they are gone with the scanner: that message gets no end (law 2).
public struct MailDataScanner: Hashable, Sendable {
    public enum LineEndings: Hashable, Sendable {
        case repair
        /// From the first fault on nothing comes out; the end is still found.
        case refuse
    }

    /// What was found in the data that should not be there.
    public struct Faults: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let bareCR = Faults(rawValue: 1)
        public static let bareLF = Faults(rawValue: 2)
        public static let nul = Faults(rawValue: 4)
    }

    public struct Piece: Hashable, Sendable {
        /// What is to be sent on, without the final dot's line, but with the CRLF before it. May be empty.
        public var content: ByteBuffer
        /// CRLF.CRLF was reached, and the final dot's line has been consumed.
        public var isEnd: Bool
        /// Seen so far in this message.
        public var faults: Faults
        /// Places changed in this piece.
        public var repaired: Int

        public init(content: ByteBuffer, isEnd: Bool, faults: Faults = [], repaired: Int = 0) {
            self.content = content
            self.isEnd = isEnd
            self.faults = faults
            self.repaired = repaired
        }
    }

    /// Where in the data the next octet stands.
    enum Place: Hashable, Sendable {
        /// Behind a CRLF, or before the first octet: the line break before the content counts.
        case lineStart
        /// Behind a bare LF, which became a CRLF.
        case newLineStart
        case inLine
        /// Behind a CR that is held back.
        case carriageReturn
        /// Behind a dot at a line start, which is held back.
        case dot
        /// Behind a dot at a line start and a CR, which are held back.
        case dotAndCarriageReturn
        /// Behind the final dot's line.
        case end
    }

    let lineEndings: LineEndings
    var place = Place.lineStart
    var faults: Faults = []

    public init(_ lineEndings: LineEndings = .repair) { self.lineEndings = lineEndings }

    /// Consumes from `input`, up to the final dot's line at most. Call it until nil: then `input` is empty, or the end was reached before.
    ///
    /// Data without faults is sliced, not copied.
    public mutating func scan(_ input: inout ByteBuffer) -> Piece? {
        while self.place != .end, input.readableBytes > 0 {
            let piece = self.place.isHolding ? self.repair(&input, all: false) : self.pass(&input) ?? self.repair(&input, all: true)
            // Of refused data an empty piece, so that it is seen that the gateway goes on.
            if piece.isEnd || piece.content.readableBytes > 0 || self.isMute { return piece }
        }
        return nil
    }

    /// All of `input`, or what is before the final dot, if it may pass as it came.
    private mutating func pass(_ input: inout ByteBuffer) -> Piece? {
        guard let run = input.withUnsafeReadableBytes({ self.cleanRun($0) }), let content = input.readSlice(length: run.length) else { return nil }
        input.moveReaderIndex(forwardBy: run.held)
        self.place = run.place
        return Piece(content: self.isMute ? ByteBuffer() : content, isEnd: run.place == .end, faults: self.faults)
    }

    /// Whether nothing comes out any more.
    var isMute: Bool { self.lineEndings == .refuse && !self.faults.isEmpty }
}
