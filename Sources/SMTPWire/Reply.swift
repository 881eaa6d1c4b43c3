/// A reply in strict form: every line begins with the same three digits and ends in CRLF, text is printable ASCII (RFC 5321 §4.2).
///
/// Two are equal where their octets are, whoever said them.
public struct Reply: Sendable {
    /// 200 to 599, or what else three digits a remote found.
    public let code: Int
    /// All lines, as they are sent to the gateway.
    public let bytes: [UInt8]
    public private(set) var origin = Origin.remote

    /// Whose word it is: what is ours has to be explained in the log.
    public enum Origin: Hashable, Sendable {
        case remote
        /// Why, in words; "" where the text says it.
        case own(because: String)
    }

    /// A reply of our own. "\n" in the text begins a new line; what is not printable ASCII becomes "?"; lines and their number are bounded by ``Limits``.
    ///
    /// - Parameters:
    ///   - code: 200 to 999; any other number becomes 451, a local error.
    ///   - because: for the log, where the text does not say it.
    public init(_ code: Int, _ text: String, because: String = "") {
        self.init(code, lines: text.utf8.split(separator: .lf, omittingEmptySubsequences: false))
        self.origin = .own(because: because)
    }

    /// A reply of our own, line by line; at least one.
    init(_ code: Int, lines: some Collection<some Collection<UInt8>>) {
        self.code = (200...999).contains(code) ? code : 451
        var bytes: [UInt8] = []
        let last = min(lines.count, Limits.replyLines)
        for (index, line) in lines.prefix(last).enumerated() {
            bytes += String(self.code).utf8
            bytes.append(index + 1 == last ? .space : .hyphen)
            bytes.append(text: line)
            bytes += [.cr, .lf]
        }
        self.bytes = bytes
    }

    /// - Parameter bytes: in strict form already.
    init(code: Int, bytes: [UInt8]) {
        self.code = code
        self.bytes = bytes
    }

    /// The same as the remote's word.
    public var ofRemote: Reply {
        var reply = self
        reply.origin = .remote
        return reply
    }

    /// The text of each line, without codes.
    public var lines: [String] { self.texts.map { String(decoding: $0, as: UTF8.self) } }

    /// The text of all lines, joined by blanks.
    public var text: String { String(decoding: self.joinedText, as: UTF8.self) }

    /// "503 Sender already specified": all lines in one of at most some 400 characters, for logs.
    public var line: String {
        let line = self.bytes.prefix(3) + [.space] + self.joinedText.prefix(397)
        return line.count <= 400 ? String(decoding: line, as: UTF8.self) : String(decoding: line.dropLast(), as: UTF8.self) + "…"
    }

    /// What the text begins with, if its class agrees with the code.
    public var enhanced: EnhancedCode? {
        guard let enhanced = EnhancedCode(in: self.bytes.dropFirst(4).prefix { $0 != .cr }), enhanced.klass == self.code / 100 else { return nil }
        return enhanced
    }

    public var isPositive: Bool { self.code / 100 == 2 }
    public var isIntermediate: Bool { self.code / 100 == 3 }
    public var isTransient: Bool { self.code / 100 == 4 }
    public var isPermanent: Bool { self.code / 100 == 5 }

    private var texts: [ArraySlice<UInt8>] {
        self.bytes.split(separator: .lf).map { $0.dropFirst(4).dropLast() }
    }

    private var joinedText: ArraySlice<UInt8> {
        let isOneLine = self.bytes.dropFirst(3).first == .space
        return isOneLine ? self.bytes.dropFirst(4).dropLast(2) : Array(self.texts.joined(separator: CollectionOfOne(.space)))[...]
    }
}

extension Reply: Hashable {
    public static func == (left: Reply, right: Reply) -> Bool { left.code == right.code && left.bytes == right.bytes }

    public func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}

extension Reply: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { self.line }
    public var debugDescription: String { self.line }
}

extension [UInt8] {
    /// A line's text, printable; one "?" for each character that is not.
    fileprivate mutating func append(text: some Collection<UInt8>) {
        let kept = Array(text.prefix(Limits.replyLine - 6))
        let line = kept.last == .cr ? kept.dropLast() : kept[...]
        for octet in line where octet & 0xC0 != 0x80 { self.append(octet.isText ? octet : .questionMark) }
    }
}
