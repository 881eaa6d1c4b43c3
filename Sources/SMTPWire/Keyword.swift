/// One line of an EHLO reply: `SIZE 10240000`. RFC 5321 §4.1.1.1.
public struct Keyword: Hashable, Sendable {
    /// In upper case.
    public let name: String
    public let arguments: [String]
    /// The line as it came, without code.
    public let text: String

    public init(_ name: String, _ arguments: [String] = []) {
        self.name = name.uppercased()
        self.arguments = arguments
        self.text = ([name] + arguments).joined(separator: " ")
    }

    /// A name, then arguments behind blanks or, as old hosts write `AUTH=LOGIN`, behind "=". Nil for a blank line.
    /// Of a line longer than ``Limits/keyword`` the words are kept that fit; nil where the first does not.
    init?(line: String) {
        let line = line.utf8.count <= Limits.keyword ? line : Self.cut(line)
        let words = line.utf8.split { $0.isBlank }
        guard let first = words.first else { return nil }
        let parts = first.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else { return nil }
        self.name = String(Substring(name)).uppercased()
        self.arguments = (parts.dropFirst().filter { !$0.isEmpty } + words.dropFirst()).map { String(Substring($0)) }
        self.text = line
    }

    /// Whole words only: half of one could mean something else.
    private static func cut(_ line: String) -> String {
        let start = line.utf8.prefix(Limits.keyword + 1)
        return start.lastIndex(where: \.isBlank).map { String(decoding: start[..<$0], as: UTF8.self) } ?? ""
    }
}
