/// Text of a peer or a file, fit for an error or a log: one line, printable, of bounded length.
extension String {
    /// What is not printable ASCII becomes `\xHH`.
    init(printable bytes: some Sequence<UInt8>, limit: Int) {
        self = ""
        for (index, byte) in bytes.enumerated() {
            guard index < limit else {
                self += "…"
                return
            }
            switch byte {
            case 0x20...0x7E: self.unicodeScalars.append(Unicode.Scalar(byte))
            default: self += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
