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
    init?(line: ArraySlice<UInt8>) {
        guard let line = Self.bounded(line) else { return nil }
        let name = Self.name(of: line)
        let words = line[name.endIndex...].split { $0.isBlank }
        // What stands directly behind the name does so behind "=".
        let isJoined = line[name.endIndex...].first.map { !$0.isBlank } ?? false
        let arguments = isJoined ? [words.first?.dropFirst()].compactMap { $0 }.filter { !$0.isEmpty } + words.dropFirst() : words
        self.name = String(decoding: name, as: UTF8.self).uppercased()
        self.arguments = arguments.map { String(decoding: $0, as: UTF8.self) }
        self.text = String(decoding: line, as: UTF8.self)
    }

    /// A line's first word, up to "=".
    static func name(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        line.drop(while: \.isBlank).prefix { !$0.isBlank && $0 != UInt8(ascii: "=") }
    }

    /// The whole words of a line that fit, since half of one could mean something else. Nil where there is no name.
    static func bounded(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let fits = line.count <= Limits.keyword
        let line = fits ? line : line.prefix(Limits.keyword + 1)
        guard let end = fits ? line.endIndex : line.lastIndex(where: \.isBlank), !Self.name(of: line[..<end]).isEmpty else { return nil }
        return line[..<end]
    }
}
