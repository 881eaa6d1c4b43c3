import Testing

@testable import Rules

@Suite struct NameTests {
    @Test(
        "Names as they are compared",
        arguments: [
            ("Example.COM", "example.com"), ("example.com.", "example.com"), ("MÜLLER.de", "xn--mller-kva.de"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("例え.テスト", "xn--r8jz45g.xn--zckzah"), ("παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"), ("", ""), (".", ""),
        ])
    func normalized(_ text: String, _ expected: String) {
        #expect(NamePattern.normalized(text) == expected)
    }

    @Test(
        "Names", arguments: ["a", "example.com", "_dmarc.example.com", "*.example.com", "xn--mller-kva.de", "3com.example", "1.2.3.a", "müller.de"])
    func names(_ text: String) {
        #expect(NamePattern(text) != nil)
    }

    @Test(
        "No names",
        arguments: [
            "", "*", "*.", "a..b", ".a", "-a.b", "a-.b", "a b", "a/b", "a@b", "192.0.2.1", "1.2.3", "::1", "[192.0.2.1]", "*.*.a", "a.*", "a\u{0}",
            String(repeating: "a", count: 64), String(repeating: "a.", count: 200) + "a",
        ])
    func noNames(_ text: String) {
        #expect(NamePattern(text) == nil)
    }

    @Test("Any text can be a label in Punycode's place")
    func punycodeBounds() {
        #expect(Punycode.encode("") == "")
        #expect(Punycode.encode(String(repeating: "ü", count: 254)) == nil)
        #expect(Punycode.encode(String(repeating: "\u{10ffff}", count: 253)) != nil)
    }
}
