import SMTPWire
import Testing

@Suite struct PrintableTests {
    @Test(arguments: [
        ("", ""), ("plain ~", "plain ~"), ("naïve → 例 🙂", "naïve → 例 🙂"), ("\u{1b}[2Jx", #"\u001b[2Jx"#), ("a\u{9b}2J", #"a\u009b2J"#),
        ("a\nb\tc\r\u{0}\u{7f}", #"a\u000ab\u0009c\u000d\u0000\u007f"#), ("a\u{202e}b\u{2066}c", #"a\u202eb\u2066c"#),
        ("a\u{2028}b\u{2029}c\u{85}", #"a\u2028b\u2029c\u0085"#), ("\u{200b}\u{feff}\u{ad}\u{61c}", #"\u200b\ufeff\u00ad\u061c"#),
        ("\u{e0041}", #"\U000e0041"#), ("e\u{301}", "e\u{301}"),
    ])
    func unseen(_ text: String, shown: String) { #expect(text.printable == shown) }

    @Test func whatIsKept() { #expect("a\nb\tc\u{1b}".printable(keeping: ["\n"]) == "a\nb\\u0009c\\u001b") }

    /// All of them: nothing that is left steers a terminal, and nothing is written out twice.
    @Test func everyScalar() {
        for value in 0...0x10FFFF {
            guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
            let text = String(scalar).printable
            guard text != String(scalar) else {
                #expect(![.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory))
                continue
            }
            #expect(text.utf8.allSatisfy { (0x21...0x7E).contains($0) })
        }
    }
}
