/// How a value is read. Bounded in depth; the octets are bounded by whoever read them.
extension JSON {
    /// It is no JSON.
    public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// Octets from the start.
        public let at: Int
        public let because: String

        public var description: String { "\(self.because) at octet \(self.at)" }
    }

    static let mostDepth = 32

    public init(parsing bytes: some Sequence<UInt8>) throws(Fault) {
        var reader = JSONReader(bytes: Array(bytes))
        self = try reader.document()
    }
}

private struct JSONReader {
    let bytes: [UInt8]
    private var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { self.at < self.bytes.count ? self.bytes[self.at] : nil }

    private func fault(_ because: String) -> JSON.Fault { JSON.Fault(at: self.at, because: because) }

    mutating func document() throws(JSON.Fault) -> JSON {
        let value = try self.value(depth: 0)
        self.skipBlanks()
        guard self.next == nil else { throw self.fault("more than one value") }
        return value
    }

    private mutating func skipBlanks() {
        while let next, next == 0x20 || next == 0x09 || next == 0x0a || next == 0x0d { self.at += 1 }
    }

    private mutating func take(_ octet: Character) -> Bool {
        guard let next, next == octet.asciiValue else { return false }
        self.at += 1
        return true
    }

    private mutating func take(word: String) -> Bool {
        guard self.bytes[self.at...].starts(with: word.utf8) else { return false }
        self.at += word.utf8.count
        return true
    }

    private mutating func value(depth: Int) throws(JSON.Fault) -> JSON {
        guard depth < JSON.mostDepth else { throw self.fault("too deep") }
        self.skipBlanks()
        if self.take("{") { return try self.object(depth: depth) }
        if self.take("[") { return try self.array(depth: depth) }
        if self.take("\"") { return .string(try self.string()) }
        if self.take(word: "true") { return .boolean(true) }
        if self.take(word: "false") { return .boolean(false) }
        if self.take(word: "null") { return .null }
        return try self.number()
    }

    private mutating func object(depth: Int) throws(JSON.Fault) -> JSON {
        var members: [JSON.Member] = []
        self.skipBlanks()
        if self.take("}") { return .object([]) }
        repeat {
            self.skipBlanks()
            guard self.take("\"") else { throw self.fault("a member's name is missing") }
            let name = try self.string()
            self.skipBlanks()
            guard self.take(":") else { throw self.fault("no colon") }
            members.append(JSON.Member(name, try self.value(depth: depth + 1)))
            self.skipBlanks()
        } while self.take(",")
        guard self.take("}") else { throw self.fault("an object does not end") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSON.Fault) -> JSON {
        var elements: [JSON] = []
        self.skipBlanks()
        if self.take("]") { return .array([]) }
        repeat {
            elements.append(try self.value(depth: depth + 1))
            self.skipBlanks()
        } while self.take(",")
        guard self.take("]") else { throw self.fault("an array does not end") }
        return .array(elements)
    }

    private mutating func string() throws(JSON.Fault) -> String {
        var octets: [UInt8] = []
        while let octet = self.next {
            self.at += 1
            switch octet {
            case UInt8(ascii: "\""):
                guard let text = String(validating: octets, as: UTF8.self) else { throw self.fault("not UTF-8") }
                return text
            case UInt8(ascii: "\\"): octets += try self.escaped()
            case 0..<0x20: throw self.fault("a control character in a string")
            default: octets.append(octet)
            }
        }
        throw self.fault("a string does not end")
    }

    private mutating func escaped() throws(JSON.Fault) -> [UInt8] {
        guard let octet = self.next else { throw self.fault("a string does not end") }
        self.at += 1
        switch octet {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [octet]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "u"):
            var units = [try self.unit()]
            if UTF16.isLeadSurrogate(units[0]), self.take(word: "\\u") { units.append(try self.unit()) }
            guard let text = String(validating: units, as: UTF16.self) else { throw self.fault("half a surrogate pair") }
            return Array(text.utf8)
        default: throw self.fault("an unknown escape")
        }
    }

    private mutating func unit() throws(JSON.Fault) -> UInt16 {
        let digits = self.bytes[self.at...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw self.fault("four hex digits are missing") }
        self.at += 4
        return unit
    }

    /// JSON's grammar, which is narrower than Swift's: no "+1", no "0x1", no ".5".
    private mutating func number() throws(JSON.Fault) -> JSON {
        let start = self.at
        _ = self.take("-")
        let isZero = self.next == UInt8(ascii: "0")
        let whole = self.skipDigits()
        guard whole > 0, !isZero || whole == 1 else { throw self.fault("no value") }
        var isReal = false
        if self.take(".") {
            isReal = true
            guard self.skipDigits() > 0 else { throw self.fault("no digits behind the point") }
        }
        if self.take("e") || self.take("E") {
            isReal = true
            if !self.take("-") { _ = self.take("+") }
            guard self.skipDigits() > 0 else { throw self.fault("no exponent") }
        }
        let text = String(decoding: self.bytes[start..<self.at], as: UTF8.self)
        if !isReal, let number = Int(text) { return .integer(number) }
        guard let number = Double(text), number.isFinite else { throw self.fault("a number out of range") }
        return .real(number)
    }

    private mutating func skipDigits() -> Int {
        let start = self.at
        while let next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { self.at += 1 }
        return self.at - start
    }
}
