import CRegex

/// A regular expression in the syntax of RE2, over octets. Its time is linear in the text that it looks at, and bounded.
///
/// Two are equal where their texts are.
public struct Pattern: Sendable {
    /// Octets of its text, at most.
    public static let length = 1000
    /// Instructions of its program, at most: usual ones have 30 to 100. The time for a text grows with both.
    public static let size = 200
    /// Octets of a text that it looks at: a whole reply of the usual kind.
    public static let reach = 2048
    /// Octets that its automata may take.
    private static let memory = 256 << 10

    public let text: String
    private let compiled: Compiled

    /// Why a text is no pattern, in words.
    public struct Fault: Error, Hashable, Sendable { public let message: String }

    public init(_ text: String) throws(Fault) {
        guard text.utf8.count <= Self.length else { throw Fault(message: "is longer than \(Self.length) octets") }
        let compiled = try Compiled(text, memory: Self.memory)
        guard compiled.size <= Self.size else {
            throw Fault(message: "is too large a program (\(compiled.size) instructions, at most \(Self.size)); say it with fewer or smaller repeats")
        }
        self.text = text
        self.compiled = compiled
    }

    /// Number of its parenthesised groups.
    public var groups: Int { self.compiled.groups }

    /// The whole match and its groups, where it matches anywhere in the first ``reach`` octets. A group that took no part is empty.
    public func match(in text: [UInt8]) -> [ArraySlice<UInt8>]? { self.compiled.match(in: text.prefix(Self.reach)) }

    /// Whether it may match a text that begins with this digit, and two more. True where that cannot be told.
    public func mayMatchText(beginningWith digit: Int) -> Bool {
        guard self.isAnchored, let range = self.compiled.range, let least = range.least.first, let most = range.most.first else { return true }
        return (least...max(least, most)).contains(UInt8(ascii: "0") + UInt8(clamping: digit))
    }

    /// Whether it can only match at the beginning, as far as its own beginning tells: `^` or `\A`, behind flags at most, and no alternative beside it.
    private var isAnchored: Bool {
        var rest = self.text[...]
        if rest.hasPrefix("(?"), let end = rest.firstIndex(of: ")"), rest[..<end].dropFirst(2).allSatisfy({ "isU".contains($0) }) {
            rest = rest[rest.index(after: end)...]
        }
        guard rest.hasPrefix("^") || rest.hasPrefix(#"\A"#) else { return false }
        var depth = 0
        var (isEscaped, isInClass) = (false, false)
        for character in rest {
            switch character {
            case _ where isEscaped: isEscaped = false
            case "\\": isEscaped = true
            case "]": isInClass = false
            case _ where isInClass: break
            case "[": isInClass = true
            case "(": depth += 1
            case ")": depth -= 1
            case "|" where depth == 0: return false
            default: break
            }
        }
        // What quotes (`\Q…\E`) or names classes within classes was not read right.
        return depth == 0 && !isInClass && !rest.contains(#"\Q"#) && !rest.contains("[:")
    }
}

extension Pattern: Hashable {
    public static func == (left: Pattern, right: Pattern) -> Bool { left.text == right.text }
    public func hash(into hasher: inout Hasher) { hasher.combine(self.text) }
}

/// The compiled form: immutable, and safe from several threads, as RE2 is.
private final class Compiled: @unchecked Sendable {
    private let regex: OpaquePointer

    init(_ text: String, memory: Int) throws(Pattern.Fault) {
        var text = text
        var error = [CChar](repeating: 0, count: 200)
        let made = text.withUTF8 { octets in
            octets.withMemoryRebound(to: CChar.self) { cregex_compile($0.baseAddress, $0.count, memory, &error, error.count) }
        }
        guard let made else {
            let words = String(decoding: error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw Pattern.Fault(message: "is no regular expression of RE2: \(words)")
        }
        self.regex = made
    }

    deinit { cregex_free(self.regex) }

    var size: Int { Int(cregex_size(self.regex)) }
    var groups: Int { Int(cregex_groups(self.regex)) }

    /// All that it matches lies between these, by their octets; nil: nothing is known.
    var range: (least: [UInt8], most: [UInt8])? {
        var least = [UInt8](repeating: 0, count: 16)
        var most = least
        var (leastLength, mostLength) = (least.count, most.count)
        guard cregex_range(self.regex, &least, &leastLength, &most, &mostLength) else { return nil }
        return (Array(least.prefix(leastLength)), Array(most.prefix(mostLength)))
    }

    func match(in text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        var groups = [cregex_group](repeating: cregex_group(begin: -1, end: -1), count: min(self.groups, 9) + 1)
        let isFound = text.withUnsafeBytes { octets in
            octets.withMemoryRebound(to: CChar.self) { cregex_find(self.regex, $0.baseAddress, $0.count, &groups, CInt(groups.count)) }
        }
        guard isFound else { return nil }
        return groups.map { group in
            group.begin < 0 ? [] : text[(text.startIndex + group.begin)..<(text.startIndex + group.end)]
        }
    }
}
