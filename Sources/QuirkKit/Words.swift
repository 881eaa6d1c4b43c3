import SMTPWire

/// The words of a reply that count as evidence: in lower case, one space before and behind each, no punctuation around them.
///
/// What others may have written there does not count: addresses (`<…>`, anything with "@"), quoted text (`"…"`, `'…'`), URLs, the names of hosts
/// and whatever has letters and digits in it. "·" stands for each of those, "#" for a number. Hyphens and strokes part words ("per-connection",
/// "messages/session").
struct Words {
    private let text: String

    init(of text: String) { self.text = Self.joined(Self.tokens(of: Self.unquoted(text))) }

    /// Without what another server said, which this one only repeats: "host mx.example.com said: 421 …".
    init(ofItself text: String) { self.text = Self.joined(Self.itsOwn(Self.tokens(of: Self.unquoted(text)))) }

    /// A phrase with a space behind it is whole words; one without may go on ("throttl").
    func contain(anyOf phrases: [String]) -> Bool { phrases.contains { self.text.contains($0) } }

    // MARK: What is quoted

    /// A blank and "·" in place of each quotation. A quotation that does not end goes on to the end.
    private static func unquoted(_ text: String) -> String {
        var (kept, rest) = ("", text[...])
        while let first = rest.popFirst() {
            let begins = kept.last.map { !$0.isLetter && !$0.isNumber } ?? true
            switch first {
            case "\"": rest.skip(behind: "\"")
            case "<" where rest.first?.isWhitespace == false: rest.skipPath()
            case "'" where begins && rest.hasClosingApostrophe: rest.skip(behind: "'")
            default:
                kept.append(first)
                continue
            }
            kept += " · "
        }
        return kept
    }

    private static func tokens(of text: String) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }

    /// Up to where it begins to repeat another server: behind a verb of saying, or at a second reply code that a colon introduces.
    private static func itsOwn(_ tokens: [Substring]) -> ArraySlice<Substring> {
        let verbs: Set<Substring> = ["said", "replied", "responded", "answered", "returned", "reports", "reported"]
        for (index, token) in tokens.enumerated() {
            let word = token.lowercased().drop { "([".contains($0) }
            let next = index + 1 < tokens.count ? tokens[index + 1] : ""
            let isIntroduced = token.hasSuffix(":") && index > 1
            if verbs.contains(word.trimmed), token.hasSuffix(":") || next == "·" || next.isReplyCode { return tokens[...index] }
            if isIntroduced, next.isReplyCode { return tokens[...index] }
        }
        return tokens[...]
    }

    // MARK: Words

    private static func joined(_ tokens: some Sequence<Substring>) -> String {
        var text = " "
        for token in tokens { for word in Self.words(of: token) where !Self.silent.contains(word) { text += word + " " } }
        return text.replacing(" time out ", with: " timeout ")
    }

    /// "per SMTP session"
    private static let silent: Set<String> = ["smtp", "esmtp", "tcp"]

    private static func words(of token: Substring) -> [String] {
        guard !token.contains("@"), !token.contains("://") else { return ["·"] }
        if token.prefix(while: { $0 != "/" }).isHostName, token.contains("/") { return ["·"] }
        let pieces: [Substring] = token.split { ",;:!?()[]{}<>\"'`=|*".contains($0) }
        return pieces.flatMap { Self.parts(of: $0) }.flatMap { Self.words(ofPiece: $0) }
    }

    /// "messages/session" is messages per session; "20/20" is two numbers.
    private static func parts(of piece: Substring) -> [Substring] {
        let parts = piece.split(separator: "/")
        let isRatio = parts.count == 2 && parts[1].first?.isLetter == true
        return isRatio ? [parts[0], "per", parts[1]] : parts
    }

    private static func words(ofPiece piece: Substring) -> [String] {
        let piece = piece.trimmed
        if piece.isEnglishStop { return piece.split(separator: ".").flatMap { Self.words(ofPiece: $0) } }
        if !piece.isEmpty, piece.allSatisfy(\.isNumber) { return ["#"] }
        if piece.isHostName || piece.contains(where: \.isNumber) { return ["·"] }
        return piece.lowercased().split { "-_".contains($0) }.map(String.init)
    }
}

extension Substring {
    /// Behind the next unescaped `mark`, or to the end.
    fileprivate mutating func skip(behind mark: Character) {
        while let next = self.popFirst(), next != mark { if next == "\\" { _ = self.popFirst() } }
    }

    /// Behind the path's ">"; where there is none, to the next blank. Its local part may be quoted.
    fileprivate mutating func skipPath() {
        var (path, isQuoted) = (self, false)
        while let next = path.popFirst() {
            switch next {
            case "\\": _ = path.popFirst()
            case "\"": isQuoted.toggle()
            case ">" where !isQuoted: return self = path
            default: break
            }
        }
        self = self.drop { !$0.isWhitespace }
    }

    /// Whether an apostrophe follows that ends a quotation, rather than one within a word.
    fileprivate var hasClosingApostrophe: Bool {
        var rest = self
        while let index = rest.firstIndex(of: "'") {
            rest = rest[rest.index(after: index)...]
            if index > self.startIndex, !self[self.index(before: index)].isWhitespace, rest.first.map({ !$0.isLetter }) ?? true { return true }
        }
        return false
    }

    /// Without full stops, dashes and commas around it.
    fileprivate var trimmed: Substring {
        let isStop: (Character) -> Bool = { ".-_:,;".contains($0) }
        var word = self.drop(while: isStop)
        while let last = word.last, isStop(last) { word.removeLast() }
        return word
    }

    fileprivate var isHostName: Bool { self.contains(".") }

    /// "session.Please": a full stop without a blank behind it.
    fileprivate var isEnglishStop: Bool {
        let parts = self.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = parts[1].first, first.isUppercase else { return false }
        return parts[0].count > 1 && parts[0].allSatisfy(\.isLetter) && parts[0].last?.isLowercase == true
            && parts[1].dropFirst().allSatisfy(\.isLowercase)
    }

    /// "421" or "(421" or "421-4.7.0"
    fileprivate var isReplyCode: Bool {
        let code = self.drop { "(['".contains($0) }
        guard code.prefix(3).count == 3, code.prefix(3).allSatisfy(\.isNumber), "245".contains(code.prefix(1)) else { return false }
        return code.dropFirst(3).first.map { !$0.isNumber && !$0.isLetter } ?? true
    }
}
