// The fast way through mail data: one search, many octets at a time, for what might not pass as it came.

extension MailDataScanner {
    /// Data that passes as it came.
    struct CleanRun {
        /// Octets that go out.
        var length: Int
        /// Octets behind them that were read but do not go out, or not yet.
        var held: Int
        /// Where the octet behind both stands.
        var place: Place
    }

    /// All of `bytes`, or what is before the final dot; nil where there is something to repair.
    func cleanRun(_ bytes: UnsafeRawBufferPointer) -> CleanRun? {
        guard let first = bytes.first, first != .lf else { return nil }
        var next = 0
        if first == .dot {
            switch self.place {
            case .newLineStart: return nil
            case .lineStart: if let stop = self.stop(at: 0, in: bytes) { return stop.run }
            case .inLine, .carriageReturn, .dot, .dotAndCarriageReturn, .end: break
            }
        }
        while let suspect = bytes.firstSuspect(from: next) {
            // A CR before an LF is never suspect, so this LF has its CR.
            guard bytes[suspect] == .lf, bytes[suspect + 1] == .dot else { return nil }
            if let stop = self.stop(at: suspect + 1, in: bytes) { return stop.run }
            next = suspect + 1
        }
        let end = bytes.count
        return switch bytes[end - 1] {
        case .nul: nil
        case .cr: CleanRun(length: end - 1, held: 1, place: .carriageReturn)
        case .lf: CleanRun(length: end, held: 0, place: .lineStart)
        default: CleanRun(length: end, held: 0, place: .inLine)
        }
    }

    /// What a dot at a line start stops at: the end of the data or of what has come, or something to repair. Nil: it is stuffing, and passes.
    private func stop(at dot: Int, in bytes: UnsafeRawBufferPointer) -> (run: CleanRun?, Void)? {
        guard dot + 1 < bytes.count else { return (CleanRun(length: dot, held: 1, place: .dot), ()) }
        guard bytes[dot + 1] == .cr else { return nil }
        guard dot + 2 < bytes.count else { return (CleanRun(length: dot, held: 2, place: .dotAndCarriageReturn), ()) }
        return (bytes[dot + 2] == .lf ? CleanRun(length: dot, held: 3, place: .end) : nil, ())
    }
}

extension UnsafeRawBufferPointer {
    /// Where the first octet is that is a NUL, or stands before another in a way that wants a look: a CR without its LF, an LF that has no CR, an LF with a dot
    /// behind it. The last octet is not looked at, except as a neighbour.
    fileprivate func firstSuspect(from start: Int) -> Int? {
        var next = start
        // A stretch is tested as one; one with something in it is gone through octet by octet.
        while self.count - next > Stretch.octets {
            if Stretch.isSuspect(self, from: next), let found = self.firstSuspect(in: next..<next + Stretch.octets) { return found }
            next += Stretch.octets
        }
        return self.firstSuspect(in: next..<Swift.max(next, self.count - 1))
    }

    private func firstSuspect(in range: Range<Int>) -> Int? {
        range.first { index in
            let (octet, neighbour) = (self[index], self[index + 1])
            return octet == .nul || (octet == .cr) != (neighbour == .lf) || (octet == .lf && neighbour == .dot)
        }
    }
}

/// Octets that are compared at once.
private enum Stretch {
    typealias Block = SIMD16<UInt8>
    typealias Mask = SIMDMask<SIMD16<Int8>>
    static let octets = 16 * Block.scalarCount

    /// The octet behind the stretch is read too.
    @inline(__always)
    static func isSuspect(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Bool {
        var suspects = Mask(repeating: false)
        var place = start
        while place < start &+ Self.octets {
            let first = Self.suspects(bytes, at: place) .| Self.suspects(bytes, at: place &+ Block.scalarCount)
            place &+= 2 &* Block.scalarCount
            let second = Self.suspects(bytes, at: place) .| Self.suspects(bytes, at: place &+ Block.scalarCount)
            place &+= 2 &* Block.scalarCount
            suspects = suspects .| first .| second
        }
        // `any` compares lane by lane.
        let halves = unsafeBitCast(suspects, to: SIMD2<UInt64>.self)
        return halves[0] | halves[1] != 0
    }

    @inline(__always)
    private static func suspects(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Mask {
        let octets = bytes.loadUnaligned(fromByteOffset: place, as: Block.self)
        let neighbours = bytes.loadUnaligned(fromByteOffset: place &+ 1, as: Block.self)
        let lineEnds = (octets .== Block(repeating: .cr)) .^ (neighbours .== Block(repeating: .lf))
        let dots = (octets .== Block(repeating: .lf)) .& (neighbours .== Block(repeating: .dot))
        return lineEnds .| dots .| (octets .== Block.zero)
    }
}
