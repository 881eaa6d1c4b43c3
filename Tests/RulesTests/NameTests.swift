import Testing

@testable import Rules

@Suite struct NameTests {
    @Test(
        "Names as they are compared",
        arguments: [
            ("Example.COM", "example.com"), ("example.com.", "example.com"), ("MÜLLER.de", "xn--mller-kva.de"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("例え.テスト", "xn--r8jz45g.xn--zckzah"), ("παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"), ("", ""), (".", ""),
            ("ｅxample.com", "example.com"), ("example。com", "example.com"), ("example.com。", "example.com"), ("EX\u{AD}AMPLE．com", "example.com"),
            ("straße.example", "xn--strae-oqa.example"), ("_dmarc.bücher.example", "_dmarc.xn--bcher-kva.example"),
            ("bu\u{308}cher.example", "xn--bcher-kva.example"),
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

    @Test(
        "What UTS #46 maps to no name",
        arguments: [
            "i❤.example", "ex\u{200D}ample.com", "bücher..example", "exa＠mple.com", "℀.example", "bücher-.example", "\u{FFFD}.example", "１.２.３.４",
            "bücher.example\u{0}", String(repeating: "ü", count: 64) + ".example", String(repeating: "\u{AD}", count: 2000) + "a",
        ])
    func unmappable(_ text: String) {
        #expect(NamePattern.normalized(text) == nil)
        #expect(NamePattern(text) == nil)
        #expect(RemoteName(text) == nil)
    }
}
