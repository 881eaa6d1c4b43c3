public import NIOCore

/// The gateway's bytes that were not consumed yet: commands, mail data or `BDAT` octets, whichever is asked for.
///
/// Only CRLF ends a line (law 8). Once `command` or `line` has returned nil, fewer octets wait than one line may have.
public struct GatewayInbox: Hashable, Sendable {
    private var buffer = ByteBuffer()
    /// In so many of the octets that wait no line ends.
    private var searched = 0
    /// Whether the rest of a line that was too long is being thrown away.
    private var isSwallowing = false

    public init() {}

    /// Takes bytes of the gateway; without copying, when nothing waits here.
    public mutating func append(_ bytes: ByteBuffer) { self.buffer.take(bytes) }

    /// Octets that wait.
    public var count: Int { self.buffer.readableBytes }

    /// The next whole line. One that is too long is told once, as soon as it is known, and thrown away up to its CRLF.
    public mutating func command() -> Command? {
        // First, for only behind it the next line begins.
        self.swallow()
        switch self.nextLine(limit: self.beginsWithAuth ? Limits.authenticationLine : Limits.commandLine) {
        case .whole(let line): return Command(line: line)
        case .tooLong(let beginning): return Command(tooLong: beginning)
        case nil: return nil
        }
    }

    /// The next line as it came, with its CRLF: an answer to a challenge of `AUTH` (RFC 4954 §4).
    ///
    /// - Throws: what is wrong with a line, which is gone then.
    public mutating func line() throws(CommandFault) -> [UInt8]? {
        switch self.nextLine(limit: Limits.authenticationLine) {
        case .whole(let line):
            for octet in line.dropLast(2) where octet <= .cr {
                switch octet {
                case .lf: throw .bareLF
                case .cr: throw .bareCR
                case .nul: throw .nul
                default: break
                }
            }
            return line
        case .tooLong: throw .tooLong
        case nil: return nil
        }
    }

    /// Up to so many octets of a `BDAT` chunk, not copied; nil when none wait.
    public mutating func octets(upTo limit: Int) -> ByteBuffer? {
        guard limit > 0, self.count > 0 else { return nil }
        self.searched = 0
        guard limit < self.count else { return exchange(&self.buffer, with: ByteBuffer()) }
        return self.buffer.readSlice(length: limit)
    }

    /// What the scanner makes of the mail data that waits; nil when there is nothing to say yet.
    public mutating func content(_ scanner: inout MailDataScanner) -> MailDataScanner.Piece? {
        self.searched = 0
        return scanner.scan(&self.buffer)
    }

    /// To be called when a read has been worked off: lets go of the receive buffer, but for what waits.
    public mutating func settle() { self.buffer.settle() }

    /// Octets of storage held on to.
    var capacity: Int { self.buffer.storageCapacity }

    /// Everything that waits, to be relayed unread.
    public mutating func takeAll() -> ByteBuffer {
        self.searched = 0
        return exchange(&self.buffer, with: ByteBuffer())
    }
}

extension GatewayInbox {
    private enum Line {
        case whole([UInt8])
        case tooLong([UInt8])
    }

    /// - Parameter limit: octets that a line may have, with its CRLF.
    private mutating func nextLine(limit: Int) -> Line? {
        self.swallow()
        let waiting = min(self.count, limit)
        guard !self.isSwallowing, waiting > 0 else { return nil }
        // The CR may have been the last octet of what was searched.
        let from = max(0, min(self.searched, waiting) - 1)
        if let end = self.buffer.withUnsafeReadableBytes({ $0.firstLineEnd(in: from..<waiting) }) {
            self.searched = 0
            return self.buffer.readBytes(length: end + 2).map { .whole($0) }
        }
        self.searched = waiting
        guard waiting == limit else { return nil }
        let beginning = self.buffer.getBytes(at: self.buffer.readerIndex, length: Limits.overlongLine) ?? []
        self.isSwallowing = true
        self.swallow()
        return .tooLong(beginning)
    }

    /// Throws away the rest of a line that was too long, up to its CRLF; while there is none, all but a CR at the end.
    private mutating func swallow() {
        guard self.isSwallowing else { return }
        self.searched = 0
        let (dropped, isDone) = self.buffer.withUnsafeReadableBytes { bytes in
            if let end = bytes.firstLineEnd(in: 0..<bytes.count) { return (end + 2, true) }
            return (bytes.last == .cr ? bytes.count - 1 : bytes.count, false)
        }
        self.buffer.moveReaderIndex(forwardBy: dropped)
        if isDone { self.isSwallowing = false }
    }

    private var beginsWithAuth: Bool {
        guard self.count > Limits.commandLine - 1 else { return false }
        let start = self.buffer.readerIndex
        guard let verb = self.buffer.getInteger(at: start, as: UInt32.self), let next = self.buffer.getInteger(at: start + 4, as: UInt8.self) else {
            return false
        }
        return verb & 0xDFDF_DFDF == 0x4155_5448 && next.isBlank
    }
}
