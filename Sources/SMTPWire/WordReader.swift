/// Reads one command line from left to right, by octets; strings are made only of what is kept.
struct WordReader {
    private let bytes: [UInt8]
    private let end: Int
    private(set) var start = 0
    private(set) var index = 0

    /// - Parameter end: where the line's CRLF begins.
    init(_ bytes: [UInt8], end: Int) {
        self.bytes = bytes
        self.end = end
    }

    /// The verb as a number of up to eight letters in upper case (0 where it is longer), leaving `start..<index` around it; nil where there is none.
    mutating func verb() -> UInt64? {
        self.skipBlanks()
        self.start = self.index
        guard let first = self.octet, first.isLetter else { return nil }
        var number = UInt64(0)
        while let octet = self.octet, !octet.isBlank {
            guard octet.isLetter || octet.isDigit || octet == .hyphen || octet == UInt8(ascii: "_") else { return nil }
            number = number << 8 | UInt64(octet.upperCased)
            self.index += 1
        }
        return self.index - self.start <= 8 ? number : 0
    }

    /// Where there is no verb: whether the line cannot be a command that was mistyped. It begins with no letter (a dot, a digit, another protocol's octets),
    /// or with a header field's name and colon (RFC 5322 §2.2).
    var isForeignStart: Bool {
        let word = self.bytes[self.start..<self.verbEnd]
        guard let first = word.first else { return false }
        return !first.isLetter || word.contains(UInt8(ascii: ":"))
    }

    /// For verbs that take no argument.
    mutating func nothing(_ body: Command.Body) -> Command.Body {
        self.skipBlanks()
        return self.isAtEnd ? body : .malformed(.syntax(self.upperCased(self.start..<self.verbEnd)))
    }

    /// The argument of EHLO or HELO; "" where there is none, as some devices have it and some hosts take it.
    mutating func host() -> String {
        self.skipBlanks()
        return self.string(self.index..<self.endOfText)
    }

    mutating func mail() -> Command.Body {
        guard self.keyword("FROM"), let path = self.path(), let parameters = self.parameters() else {
            return .malformed(.syntax("MAIL FROM:<address>"))
        }
        return .mail(Mail(reversePath: path, parameters: parameters))
    }

    mutating func recipient() -> Command.Body {
        guard self.keyword("TO"), let path = self.path(), !path.isEmpty, let parameters = self.parameters() else {
            return .malformed(.syntax("RCPT TO:<address>"))
        }
        return .rcpt(Recipient(forwardPath: path, parameters: parameters))
    }

    mutating func chunk() -> Command.Body {
        let wrong = Command.Body.malformed(.syntax("BDAT octets [LAST]"))
        guard let octets = self.number() else { return wrong }
        let word = self.word()
        guard !word.isEmpty else { return .bdat(Chunk(octets: octets, last: false)) }
        guard self.upperCased(word) == "LAST", self.word().isEmpty else { return wrong }
        return .bdat(Chunk(octets: octets, last: true))
    }

    /// `AUTH mechanism [initial-response]`, RFC 4954 §4; RFC 4422 §3.1: a mechanism's name has at most 20 characters.
    mutating func mechanism() -> Command.Body {
        let word = self.word()
        guard (1...20).contains(word.count), self.bytes[word].allSatisfy({ $0.isLetter || $0.isDigit || $0 == .hyphen || $0 == UInt8(ascii: "_") })
        else {
            return .malformed(.syntax("AUTH mechanism [initial-response]"))
        }
        return .auth(mechanism: self.upperCased(word))
    }
}

extension WordReader {
    /// `FROM:` or `TO:` in any case, with blanks before the colon and behind it.
    private mutating func keyword(_ keyword: StaticString) -> Bool {
        self.skipBlanks()
        let matches = keyword.withUTF8Buffer { expected in
            for letter in expected {
                guard self.octet?.upperCased == letter else { return false }
                self.index += 1
            }
            return true
        }
        guard matches else { return false }
        self.skipBlanks()
        guard self.octet == UInt8(ascii: ":") else { return false }
        self.index += 1
        self.skipBlanks()
        return true
    }

    /// A path without its angle brackets. RFC 5321 §4.1.2: quoted local parts may hold blanks and brackets.
    private mutating func path() -> String? {
        let isBracketed = self.octet == UInt8(ascii: "<")
        if isBracketed { self.index += 1 }
        let start = self.index
        var isQuoted = false
        while let octet = self.octet {
            switch octet {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "\\"): self.index += 1
            case UInt8(ascii: ">") where !isQuoted:
                guard isBracketed else { return nil }
                let path = self.string(start..<self.index)
                self.index += 1
                return self.isAtEnd || self.octet?.isBlank == true ? path : nil
            case UInt8(ascii: "<") where !isQuoted: return nil
            case .space where !isQuoted, .tab where !isQuoted: return isBracketed || start == self.index ? nil : self.string(start..<self.index)
            default: break
            }
            self.index += 1
        }
        guard !isBracketed, !isQuoted, start < self.index, self.index == self.end else { return nil }
        return self.string(start..<self.index)
    }

    private mutating func parameters() -> [Parameter]? {
        var parameters: [Parameter] = []
        while case let word = self.word(), !word.isEmpty {
            let equals = self.bytes[word].firstIndex(of: UInt8(ascii: "="))
            let keyword = word.lowerBound..<(equals ?? word.upperBound)
            guard !keyword.isEmpty, self.bytes[keyword].allSatisfy({ $0.isLetter || $0.isDigit || $0 == .hyphen }) else { return nil }
            parameters.append(Parameter(self.upperCased(keyword), equals.map { self.string($0 + 1..<word.upperBound) }))
        }
        return parameters
    }

    /// Digits that fit ``Limits/chunk``.
    private mutating func number() -> Int? {
        let word = self.word()
        guard !word.isEmpty else { return nil }
        var number = 0
        for octet in self.bytes[word] {
            guard octet.isDigit else { return nil }
            let (tenfold, tooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, stillTooLarge) = tenfold.addingReportingOverflow(Int(octet &- 0x30))
            guard !tooLarge, !stillTooLarge, sum <= Limits.chunk else { return nil }
            number = sum
        }
        return number
    }

    /// The next run of octets without blanks; empty at the end.
    private mutating func word() -> Range<Int> {
        self.skipBlanks()
        let start = self.index
        while let octet = self.octet, !octet.isBlank { self.index += 1 }
        return start..<self.index
    }

    private var octet: UInt8? { self.index < self.end ? self.bytes[self.index] : nil }
    private var isAtEnd: Bool { self.index >= self.end }
    private var verbEnd: Int { self.bytes[self.start..<self.end].firstIndex(where: \.isBlank) ?? self.end }

    private var endOfText: Int {
        var end = self.end
        while end > self.index, self.bytes[end - 1].isBlank { end -= 1 }
        return end
    }

    private mutating func skipBlanks() {
        while let octet = self.octet, octet.isBlank { self.index += 1 }
    }

    private func string(_ range: Range<Int>) -> String { String(decoding: self.bytes[range], as: UTF8.self) }

    func upperCased(_ range: Range<Int>) -> String {
        guard self.bytes[range].contains(where: { (0x61...0x7A).contains($0) }) else { return self.string(range) }
        return String(decoding: self.bytes[range].map(\.upperCased), as: UTF8.self)
    }
}
