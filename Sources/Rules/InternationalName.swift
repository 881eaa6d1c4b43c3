import CIDN2

/// Names in other scripts as DNS writes them: UTS #46 §4, non-transitional, and what RFC 5891 §5 forbids.
///
/// Hosts that take SMTPUTF8 map names so before they look them up, so "ｅxample.com" and "example。com" are example.com there, and have to be here.
enum InternationalName {
    /// Octets of a name that could become one that DNS holds; what maps to nothing (U+00AD) may lengthen it a little.
    private static let longest = 1024

    /// Without a final dot. Nil where it cannot be mapped, and where what comes of it is no name.
    static func ascii(_ name: String) -> String? {
        guard name.utf8.count <= Self.longest, !name.utf8.contains(0) else { return nil }
        var output: UnsafeMutablePointer<CChar>?
        defer { idn2_free(output) }
        let flags = CInt(IDN2_NFC_INPUT.rawValue | IDN2_NONTRANSITIONAL.rawValue)
        guard idn2_to_ascii_8z(name, &output, flags) == IDN2_OK.rawValue, let output else { return nil }
        var mapped = String(cString: output)
        if mapped.hasSuffix(".") { mapped.removeLast() }
        return NamePattern.isName(mapped) ? mapped : nil
    }
}
