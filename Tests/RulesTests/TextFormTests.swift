import QuirkKit
import Testing

/// Texts that go into commands.
@Suite struct TextFormTests {
    @Test(arguments: [
        "mx.example.org", "gw", "a_b.example", "[192.0.2.1]", "[IPv6:2001:db8::1]", "xn--bcher-kva.example",
    ])
    func `is a name behind EHLO`(_ text: String) { #expect(TextForm.helloName.accepts(text)) }

    @Test(arguments: [
        "", "a b", "a..b", "-a.example", ".example", "mx.example.org.", "b\u{fc}cher.example", "a\r\nRSET", "[]", "[x]",
        "192.0.2.1]", "a@b.example",
        "a\tb", String(repeating: "a", count: 64), Array(repeating: "abcdefgh", count: 40).joined(separator: "."),
    ])
    func `is none`(_ text: String) { #expect(!TextForm.helloName.accepts(text)) }

    @Test(arguments: ["discard@example.org", "a.b+c@mx.example.org", "a@[192.0.2.1]", "\"a..b\"@example.org"])
    func `is an address`(_ text: String) { #expect(TextForm.mailbox.accepts(text)) }

    @Test(arguments: [
        "", "discard", "@example.org", "a@", "<a@example.org>", "a@b@", "a b@example.org", "a@example.org SIZE=1",
        "a@ex ample.org", "a@example.org\r\n",
        "b\u{fc}@example.org", "a>@example.org", "a@exa_mple..org", "@relay.example:a@example.org",
    ])
    func `is no address`(_ text: String) { #expect(!TextForm.mailbox.accepts(text)) }

    @Test(arguments: [TextForm.helloName, .keyword, .mailbox]) func `its example is one`(_ form: TextForm) {
        #expect(form.accepts(form.example))
    }
}
