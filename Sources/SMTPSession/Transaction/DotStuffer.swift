import NIOCore

/// Turns the opaque octets of `BDAT` into mail data of `DATA` (RFC 5321 §4.5.2), for an extra connection that does not offer CHUNKING.
struct DotStuffer: Hashable, Sendable {
    private enum Place: Hashable { case lineStart, inLine, carriageReturn }
    private var place = Place.lineStart

    /// Nil at the first bare CR, bare LF or NUL: such content cannot be said with DATA, and the message is given up without an end.
    mutating func stuff(_ octets: ByteBuffer) -> ByteBuffer? {
        var result = ByteBuffer()
        result.reserveCapacity(octets.readableBytes + 16)
        var place = self.place
        let isFine = octets.withUnsafeReadableBytes { bytes in
            for octet in bytes {
                switch (place, octet) {
                case (.carriageReturn, UInt8(ascii: "\n")): place = .lineStart
                case (.carriageReturn, _), (_, UInt8(ascii: "\n")), (_, 0): return false
                case (_, UInt8(ascii: "\r")): place = .carriageReturn
                case (.lineStart, UInt8(ascii: ".")):
                    result.writeInteger(octet)
                    place = .inLine
                case (.lineStart, _), (.inLine, _): place = .inLine
                }
                result.writeInteger(octet)
            }
            return true
        }
        self.place = place
        return isFine ? result : nil
    }

    /// What is to be written before the final dot's line: the CRLF that the content may lack. Nil: a CR was its last octet.
    mutating func end() -> ByteBuffer? {
        switch exchange(&self.place, with: .lineStart) {
        case .lineStart: ByteBuffer()
        case .inLine: ByteBuffer(string: "\r\n")
        case .carriageReturn: nil
        }
    }
}
