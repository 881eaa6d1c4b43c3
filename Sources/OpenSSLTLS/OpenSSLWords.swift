import COpenSSL

/// The error queue of this thread. To be emptied before a call, and read directly after one that failed.
enum OpenSSLWords {
    /// Takes everything off the queue.
    /// - Returns: the codes, the first cause first.
    static func drain() -> [UInt] {
        var codes: [UInt] = []
        while case let code = ERR_get_error(), code != 0 { codes.append(code) }
        return codes
    }

    static func text(_ codes: [UInt], otherwise: String = "no reason given") -> String {
        let reasons = codes.map { code in ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)" }
        return reasons.isEmpty ? otherwise : reasons.joined(separator: "; ")
    }

    static func drained(otherwise: String = "no reason given") -> String { self.text(self.drain(), otherwise: otherwise) }

    /// The number of the alert that the peer sent, where that is the cause (RFC 8446 §6).
    static func alert(in codes: [UInt]) -> Int32? {
        for code in codes {
            let reason = ERR_GET_REASON(code)
            if ERR_GET_LIB(code) == ERR_LIB_SSL, reason > SSL_AD_REASON_OFFSET, reason < SSL_AD_REASON_OFFSET + 256 {
                return reason - SSL_AD_REASON_OFFSET
            }
        }
        return nil
    }
}
