import NIOCore

// The slow way through mail data: octet by octet, into a buffer of its own.

extension MailDataScanner {
    /// - Parameter all: whether to go on when nothing is held back any more.
    mutating func repair(_ input: inout ByteBuffer, all: Bool) -> Piece {
        var output = ByteBuffer()
        var repaired = 0
        let consumed = input.withUnsafeReadableBytes { bytes in
            if all { output.reserveCapacity(bytes.count + bytes.count / 16) }
            return self.repair(bytes, all: all, into: &output, &repaired)
        }
        input.moveReaderIndex(forwardBy: consumed)
        return Piece(content: output, isEnd: self.place == .end, faults: self.faults, repaired: repaired)
    }

    /// Octets consumed.
    private mutating func repair(_ bytes: UnsafeRawBufferPointer, all: Bool, into output: inout ByteBuffer, _ repaired: inout Int) -> Int {
        var index = 0
        /// What passes as it is: from here to `index`.
        var run = 0

        func pass() {
            if run < index, !self.isMute { output.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[run..<index])) }
        }
        func write(_ octets: StaticString) {
            if !self.isMute { output.writeStaticString(octets) }
        }
        func fault(_ fault: Faults) {
            self.faults.insert(fault)
            repaired += 1
        }

        while index < bytes.count {
            let octet = bytes[index]
            switch (self.place, octet) {
            case (.end, _):
                return index

            case (.carriageReturn, .lf):
                write("\r\n")
                index += 1
                self.place = .lineStart
            case (.carriageReturn, _):
                fault(.bareCR)
                write(" ")
                self.place = .inLine

            case (.dot, .cr):
                index += 1
                self.place = .dotAndCarriageReturn
            case (.dot, .lf), (.dot, .nul):
                self.faults.insert(octet == .lf ? .bareLF : .nul)
                write("..")
                self.place = .inLine
            case (.dot, _):
                write(".")
                self.place = .inLine

            case (.dotAndCarriageReturn, .lf):
                self.place = .end
                return index + 1
            case (.dotAndCarriageReturn, _):
                fault(.bareCR)
                write(".. ")
                self.place = .inLine

            case (.lineStart, .dot):
                pass()
                index += 1
                run = index
                self.place = .dot
                continue
            case (.newLineStart, .dot):
                pass()
                run = index
                write(".")
                index += 1
                self.place = .inLine
                continue
            case (_, .cr):
                if index + 1 < bytes.count, bytes[index + 1] == .lf {
                    index += 2
                    self.place = .lineStart
                    continue
                }
                pass()
                index += 1
                self.place = .carriageReturn
            case (_, .lf):
                pass()
                fault(.bareLF)
                write("\r\n")
                index += 1
                self.place = .newLineStart
            case (_, .nul):
                pass()
                fault(.nul)
                write(" ")
                index += 1
                self.place = .inLine
            default:
                index += 1
                self.place = .inLine
                continue
            }
            run = index
            if !all, !self.place.isHolding { return index }
        }
        pass()
        return index
    }
}

extension MailDataScanner.Place {
    /// Whether octets before it are held back.
    var isHolding: Bool {
        switch self {
        case .carriageReturn, .dot, .dotAndCarriageReturn: true
        case .lineStart, .newLineStart, .inLine, .end: false
        }
    }
}
