import Testing

@testable import Rules

@Suite struct AddressTests {
    @Test(
        "Addresses",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("::", "::"), ("::1", "::1"), ("::ffff:192.0.2.1", "192.0.2.1"),
            ("::ffff:c000:201", "192.0.2.1"),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ])
    func addresses(_ text: String, _ description: String) {
        #expect(IPAddress(text)?.description == description)
    }

    @Test(
        "No addresses",
        arguments: [
            "", "192.0.2", "192.0.2.256", "192.0.2.01", "192.0.2.1 ", " 192.0.2.1", "192.0.2.1\u{0}", "0x7f.0.0.1", "2130706433", "[::1]",
            "fe80::1%eth0",
            "1::2::3", "12345::", "example.com", "192.0.2.1/32", "１.2.3.4", String(repeating: "1", count: 10000),
        ])
    func noAddresses(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("A mapped address is the IPv4 one")
    func mapped() {
        #expect(IPAddress("::ffff:10.0.0.1") == IPAddress("10.0.0.1"))
        #expect(IPAddress("::10.0.0.1") != IPAddress("10.0.0.1"))
    }

    @Test(
        "Ranges",
        arguments: [
            ("10.0.0.0/8", "10.0.0.0/8", 8), ("10.1.2.3/8", "10.0.0.0/8", 8), ("0.0.0.0/0", "0.0.0.0/0", 0), ("192.0.2.1", "192.0.2.1", 32),
            ("192.0.2.1/32", "192.0.2.1", 32), ("2001:db8::/32", "2001:db8::/32", 32), ("::/0", "::/0", 0), ("::1/128", "::1", 128),
            ("::ffff:192.0.2.0/120", "192.0.2.0/24", 24), ("::ffff:0.0.0.0/96", "0.0.0.0/0", 0),
        ])
    func ranges(_ text: String, _ description: String, _ length: Int) {
        let range = AddressRange(text)
        #expect(range?.description == description)
        #expect(range?.prefixLength == length)
    }

    @Test(
        "No ranges",
        arguments: [
            "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "::/129", "::ffff:0.0.0.0/95", "a/8",
            "10.0.0.0/255.0.0.0",
        ])
    func noRanges(_ text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(
        "What is in a range",
        arguments: [
            ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("0.0.0.0/0", "203.0.113.1", true), ("0.0.0.0/0", "::1", false), ("::/0", "::1", true), ("::/0", "203.0.113.1", false),
            ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("192.0.2.128/25", "192.0.2.127", false),
            ("2001:db8::/33", "2001:db8:7fff::", true), ("2001:db8::/33", "2001:db8:8000::", false), ("::1", "::1", true),
        ])
    func contains(_ range: String, _ address: String, _ expected: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(try #require(IPAddress(address))) == expected)
    }

    @Test("Description and reading are inverse")
    func inverse() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<2000 {
            let family: IPAddress.Family = Bool.random(using: &random) ? .v4 : .v6
            let bits = UInt128.random(in: 0...UInt128.max, using: &random)
            let address = IPAddress(family, family == .v4 ? bits & 0xffff_ffff : bits >> UInt128.random(in: 0...128, using: &random))
            #expect(IPAddress(address.description) == address)
            let range = AddressRange(address, prefixLength: Int.random(in: 0...address.width, using: &random))
            #expect(AddressRange(range.description) == range)
            #expect(range.contains(address))
        }
    }
}
