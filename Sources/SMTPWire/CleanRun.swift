// The fast way through mail data: nothing but searches for CR, LF and NUL, done by the C library.

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
        guard let run = self.wholeLines(bytes), bytes.first(.nul, in: 0..<run.length) == nil else { return nil }
        return run
    }

    private func wholeLines(_ bytes: UnsafeRawBufferPointer) -> CleanRun? {
        let end = bytes.count
        var start = 0
        var place = self.place
        while start < end {
            if bytes[start] == .dot, place == .newLineStart { return nil }
            if bytes[start] == .dot, place == .lineStart {
                guard start + 1 < end else { return CleanRun(length: start, held: 1, place: .dot) }
                if bytes[start + 1] == .cr {
                    guard start + 2 < end else { return CleanRun(length: start, held: 2, place: .dotAndCarriageReturn) }
                    return bytes[start + 2] == .lf ? CleanRun(length: start, held: 3, place: .end) : nil
                }
            }
            guard let cr = bytes.first(.cr, in: start..<end) else {
                return bytes.first(.lf, in: start..<end) == nil ? CleanRun(length: end, held: 0, place: .inLine) : nil
            }
            guard bytes.first(.lf, in: start..<cr) == nil else { return nil }
            guard cr + 1 < end else { return CleanRun(length: cr, held: 1, place: .carriageReturn) }
            guard bytes[cr + 1] == .lf else { return nil }
            start = cr + 2
            place = .lineStart
        }
        return CleanRun(length: end, held: 0, place: place)
    }
}
