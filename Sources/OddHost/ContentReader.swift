import Glibc
import NIOCore

/// Reads `DATA` content up to its final dot, and takes the dot-stuffing off (RFC 5321 4.5.2).
struct ContentReader {
    /// The host for smugglers: any LF ends a line.
    let lenient: Bool
    let keeps: Bool
    private(set) var content = ByteBuffer()
    private(set) var size = 0
    private(set) var complaints: Set<String> = []
    private var atStart = true
    private var last: UInt8 = 10

    init(lenient: Bool, keeps: Bool) {
        self.lenient = lenient
        self.keeps = keeps
    }

    /// Takes what there is; true at the final dot. What follows it stays.
    mutating func read(_ inbox: inout ByteBuffer) -> Bool {
        while inbox.readableBytes > 0 {
            let (length, whole) = self.piece(inbox)
            if self.atStart, inbox.getInteger(at: inbox.readerIndex, as: UInt8.self) == 46 {
                guard whole || length > 2 else { return false }
                if whole, self.isFinalDot(inbox, length) { inbox.moveReaderIndex(forwardBy: length); return true }
                inbox.moveReaderIndex(forwardBy: 1)
                self.take(&inbox, length - 1, whole)
            } else {
                self.take(&inbox, length, whole)
            }
        }
        return false
    }

    /// The length of the next line, or of the piece of one.
    private func piece(_ inbox: ByteBuffer) -> (Int, whole: Bool) {
        inbox.withUnsafeReadableBytes { bytes in
            guard let start = bytes.baseAddress, let found = memchr(start, 10, bytes.count) else { return (bytes.count, false) }
            return (UnsafeRawPointer(found) - start + 1, true)
        }
    }

    private func isFinalDot(_ inbox: ByteBuffer, _ length: Int) -> Bool {
        switch length {
        case 2: self.lenient
        case 3: inbox.getInteger(at: inbox.readerIndex + 1, as: UInt8.self) == 13
        default: false
        }
    }

    private mutating func take(_ inbox: inout ByteBuffer, _ length: Int, _ whole: Bool) {
        guard let piece = inbox.readSlice(length: length), length > 0 else { return }
        let before = self.last
        self.size += length
        piece.withUnsafeReadableBytes { bytes in
            self.last = bytes.last ?? before
            guard self.keeps else { return }
            if whole, (bytes.count > 1 ? bytes[bytes.count - 2] : before) != 13 { self.complaints.insert("bare LF in content") }
            let end = whole ? bytes.count - 2 : bytes.count - 1
            if before == 13, bytes.first != 10 { self.complaints.insert("bare CR in content") }
            if end > 0, let start = bytes.baseAddress, memchr(start, 13, end) != nil { self.complaints.insert("bare CR in content") }
        }
        let carriage = piece.readableBytes > 1 ? piece.getInteger(at: piece.writerIndex - 2, as: UInt8.self) == 13 : before == 13
        self.atStart = whole && (self.lenient || carriage)
        if self.keeps { self.content.writeImmutableBuffer(piece) }
    }
}
