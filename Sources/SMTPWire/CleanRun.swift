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
        // Every LF has its CR; that no CR is left over is counted once, at the end: one search a line instead of two.
        var lines = 0
        while start < end {
            if bytes[start] == .dot, place == .newLineStart { return nil }
            if bytes[start] == .dot, place == .lineStart {
                guard start + 1 < end else {
                    return bytes.count(of: .cr, in: 0..<start) == lines ? CleanRun(length: start, held: 1, place: .dot) : nil
                }
                if bytes[start + 1] == .cr {
                    guard start + 2 < end else {
                        return bytes.count(of: .cr, in: 0..<start) == lines ? CleanRun(length: start, held: 2, place: .dotAndCarriageReturn) : nil
                    }
                    guard bytes[start + 2] == .lf, bytes.count(of: .cr, in: 0..<start) == lines else { return nil }
                    return CleanRun(length: start, held: 3, place: .end)
                }
            }
            guard let lf = bytes.first(.lf, in: start..<end) else { return self.lastLine(bytes, after: lines) }
            guard lf > start, bytes[lf - 1] == .cr else { return nil }
            lines += 1
            start = lf + 1
            place = .lineStart
        }
        guard bytes.count(of: .cr, in: 0..<end) == lines else { return nil }
        return CleanRun(length: end, held: 0, place: place)
    }

    /// What stands behind the last LF: its line end is still to come.
    private func lastLine(_ bytes: UnsafeRawBufferPointer, after lines: Int) -> CleanRun? {
        let end = bytes.count
        let endsInCR = bytes[end - 1] == .cr
        guard bytes.count(of: .cr, in: 0..<end) == lines + (endsInCR ? 1 : 0) else { return nil }
        return endsInCR ? CleanRun(length: end - 1, held: 1, place: .carriageReturn) : CleanRun(length: end, held: 0, place: .inLine)
    }
}
