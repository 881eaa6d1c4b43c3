import Foundation
import Testing

/// What the repository says of files is true for everybody who has it.
@Suite struct ReferenceTests {
    static let references = References(files: Repository.files)

    @Test func `every document that is named is in the repository`() {
        for file in Repository.files where References.kinds.contains(where: { Self.mayName($0, file) }) || file.hasSuffix(".md") {
            let missing = Self.references.missing(in: Repository.text(of: file), of: file)
            #expect(missing.isEmpty, "\(file) names \(Set(missing).sorted().joined(separator: ", "))")
        }
    }

    @Test func `no path is of one machine`() {
        for file in Repository.files where ["work", "root", "Users"].contains(where: { Self.mayName("/\($0)/", file) }) {
            let paths = References.machinePaths(in: Repository.text(of: file))
            #expect(paths.isEmpty, "\(file) names \(paths.joined(separator: ", "))")
        }
    }

    /// Each number of a quirk in the field has its line in the catalogue.
    @Test func `every Q-number is in docs-quirks`() {
        let catalogue = Repository.text(of: "docs/quirks.md")
        for file in Repository.files where Self.mayName("Q-", file) {
            let missing = Self.numbers(in: Repository.text(of: file)).filter { !catalogue.contains("| \($0) |") }
            #expect(missing.isEmpty, "\(file) names \(Set(missing).sorted().joined(separator: ", "))")
        }
    }

    // MARK: The checks themselves

    /// Most files have nothing of the kind, and need not be read as text.
    private static func mayName(_ word: String, _ file: String) -> Bool { Repository.octets(of: file).range(of: Data(word.utf8)) != nil }

    /// "Q-" and digits, where no letter or digit stands before it.
    static func numbers(in text: String) -> [String] {
        text.ranges(of: "Q-").compactMap { range in
            let digits = text[range.upperBound...].prefix { $0.isASCII && $0.isNumber }
            let before = range.lowerBound > text.startIndex ? text[text.index(before: range.lowerBound)] : " "
            return digits.isEmpty || before.isLetter || before.isNumber ? nil : "Q-\(digits)"
        }
    }

    @Test func `Q-numbers are found`() { #expect(Self.numbers(in: "(Q-12, Q-13; SEQ-1, Q-x) Q-100.") == ["Q-12", "Q-13", "Q-100"]) }

    static let sample = References(files: [
        "README.md", "docs/laws.md", "Plugins/StickySender/README.md", "Plugins/StickySender/StickySender.swift", "Sources/SMTPWire/Reply.swift",
    ])

    @Test(arguments: [
        "see docs/laws.md.", "(README.md, \"The log\")", "StickySender/README.md", "`Sources/SMTPWire/Reply.swift:12`", "Plugins/*/README.md",
        "https://example.net/other.md", "Plugins/$name/README.md", "exclude: [\"README.md\"]", "\\(folder)/README.md", "*.md and .md",
    ])
    func `what is there is not missing`(_ text: String) { #expect(Self.sample.missing(in: text, of: "Sources/SMTPWire/Reply.swift") == []) }

    @Test(arguments: [
        ("see OTHER" + ".md 2.2", "OTHER" + ".md"), ("/// (OTHER" + ".md, \"Quirks\")", "OTHER" + ".md"),
        ("docs/other" + ".md", "docs/other" + ".md"),
        ("Sources/SMTPWire/Other" + ".swift:12", "Sources/SMTPWire/Other" + ".swift"), ("Even/README" + ".md", "Even/README" + ".md"),
    ])
    func `what is not there is found`(_ text: String, missing: String) {
        #expect(Self.sample.missing(in: text, of: "Sources/SMTPWire/Reply.swift") == [missing])
    }

    @Test func `links that lead nowhere are found`() {
        let text = "[a](../../README.md) [b](StickySender.swift) [c](https://example.net/x) [d](#e) [f](Even.swift) [g](../../docs) [h](../Core/)"
        #expect(Self.sample.missing(in: text, of: "Plugins/StickySender/README.md") == ["Even.swift", "../Core/"])
    }

    @Test func `paths of a machine are found`() {
        let home = "/ro" + "ot/"
        #expect(References.machinePaths(in: "at \(home)x/y, \"/wo" + "rk/main\"") == ["/wo" + "rk/main", "\(home)x/y,"])
        #expect(References.machinePaths(in: "$part\(home)x, /proc/1\(home)etc, \\(base)\(home), net/wo" + "rk/x") == [])
    }
}
