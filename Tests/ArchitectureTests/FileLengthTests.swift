import Testing

/// One concept a file (docs/design.md, "Habits").
@Suite struct FileLengthTests {
    static let limit = 300

    @Test func `no source is longer than 300 lines`() {
        let files = Repository.files.filter { $0.hasSuffix(".swift") && ($0.hasPrefix("Sources/") || $0.hasPrefix("Plugins/")) }
        #expect(!files.isEmpty)
        for file in files {
            let lines = Self.lines(of: Repository.text(of: file))
            #expect(lines <= Self.limit, "\(file) has \(lines)")
        }
    }

    static func lines(of text: String) -> Int {
        text.utf8.count { $0 == UInt8(ascii: "\n") } + (text.isEmpty || text.utf8.last == UInt8(ascii: "\n") ? 0 : 1)
    }

    @Test(arguments: [("", 0), ("a", 1), ("a\n", 1), ("a\nb", 2), ("a\r\n\r\n", 2), (String(repeating: "x\n", count: 301), 301)])
    func `lines are counted`(_ text: String, count: Int) { #expect(Self.lines(of: text) == count) }
}
