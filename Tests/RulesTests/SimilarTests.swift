import Testing

@testable import Rules

@Suite struct SimilarTests {
    @Test(
        "Distances",
        arguments: [("", "", 0), ("a", "", 1), ("", "ab", 2), ("bind", "bnd", 1), ("bind", "bidn", 1), ("kitten", "sitting", 3), ("ca", "abc", 3)])
    func distances(_ a: String, _ b: String, _ expected: Int) {
        #expect(Similar.distance(a, b) == expected)
        #expect(Similar.distance(b, a) == expected)
    }

    @Test(
        "What was meant",
        arguments: [
            ("bnd", "bind"), ("BIND", "bind"), ("alow", "allow"), ("tsl", "tls"), ("nmae", "name"), ("xyz", nil), ("", nil),
            ("destination2", "destination"),
            (String(repeating: "a", count: 100_000), nil),
        ] as [(String, String?)])
    func meant(_ text: String, _ expected: String?) {
        #expect(Similar.best(for: text, among: ["bind", "allow", "tls", "name", "destination"]) == expected)
    }

    @Test(
        "Times",
        arguments: [
            ("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000), ("1d", 86_400_000), ("0s", 0), ("007s", 7000),
            ("99999999999999999999d", Int.max), ("9223372036854775807d", Int.max),
            ("", nil), ("s", nil), ("5", nil), ("-5s", nil), ("5 s", nil), ("1.5s", nil), ("5S", nil), ("5s5s", nil), ("５s", nil), ("5sec", nil),
        ] as [(String, Int?)])
    func times(_ text: String, _ expected: Int?) {
        #expect(TimeText.parse(text) == expected)
    }

    @Test(
        "Times are written in the largest unit that fits",
        arguments: [(0, "0s"), (500, "500ms"), (1000, "1s"), (90_000, "90s"), (120_000, "2m"), (86_400_000, "1d")])
    func written(_ milliseconds: Int, _ expected: String) {
        #expect(TimeText.text(milliseconds: milliseconds) == expected)
        #expect(TimeText.parse(expected) == milliseconds)
    }
}
