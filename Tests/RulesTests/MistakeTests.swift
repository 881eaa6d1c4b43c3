import Rules
import Testing

/// A file with mistakes, and every line that Mailshim says about it.
struct Mistake: Sendable, CustomTestStringConvertible {
    let file: String
    let errors: String

    init(_ file: String, _ errors: String) {
        self.file = file
        self.errors = errors
    }

    var testDescription: String { self.file.split(separator: "\n").prefix(3).joined(separator: " · ") }
}

@Suite struct MistakeTests {
    @Test(
        "Every mistake is told with its place and what would be right",
        arguments: Mistake.settings + Mistake.listener + Mistake.remote + Mistake.syntax)
    func told(_ mistake: Mistake) {
        #expect(mistakes(in: mistake.file).joined(separator: "\n") == mistake.errors)
    }

    @Test("The same with the line ends of other systems", arguments: Mistake.settings + Mistake.listener + Mistake.remote)
    func carriageReturns(_ mistake: Mistake) {
        let file = mistake.file.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        #expect(mistakes(in: file).joined(separator: "\n") == mistake.errors)
    }

    @Test("What will be available has mistakes of its own")
    func future() {
        let file = """
            [[listener]]
            bind = "127.0.0.1:2525"
            destination = "mx"
            tls = { certificate = "a" }
            [address."192.0.2.1"]
            tls = "verified"
            [address."192.0.2.2"]
            tls = "required"
            bypass = true
            """
        #expect(
            mistakes(in: file, reading: futureConfig) == [
                "c.toml:4:7: listener.tls: has a certificate without a key; write key = \"shim.key\" too",
                "c.toml:6:7: address.\"192.0.2.1\".tls: an address has no name that could be verified; write names = [\"mx.example.com\"] in the same table",
                "c.toml:9:10: address.\"192.0.2.2\".bypass: relays everything unread, so tls = \"required\" could not be kept; leave one of them out",
            ])
    }

    @Test("A column counts code points, in a key that is not ASCII too")
    func columns() {
        #expect(mistakes(in: "[default]\n\"é\" = 1\npause = \"é\"").map { String($0.prefix(14)) } == ["c.toml:2:1: de", "c.toml:3:9: de"])
        #expect(mistakes(in: "[default]\nquirks = [\"é\", \"pix\", \"x\"]").map { String($0.prefix(13)) } == ["c.toml:2:11: ", "c.toml:2:23: "])
    }

    @Test("A file of many mistakes is told whole")
    func many() {
        let file = (1...500).map { "[domain.\"d\($0).example\"]\npause = \($0)\n" }.joined()
        let errors = mistakes(in: file)
        #expect(errors.count == 500)
        #expect(errors.first?.hasPrefix("c.toml:2:9: domain.\"d1.example\".pause: must be") == true)
        #expect(errors.last?.hasPrefix("c.toml:1000:9: domain.\"d500.example\".pause: must be") == true)
    }
}
