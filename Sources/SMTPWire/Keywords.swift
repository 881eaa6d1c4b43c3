/// What an EHLO reply offers. RFC 5321 §4.1.1.1.
public struct Keywords: Hashable, Sendable {
    /// The first line's text, then a line for each keyword, each with a line feed behind it. One block of memory and no strings: a session keeps it to its end.
    private let octets: [UInt8]

    /// In the order in which they came, ``Limits/keywords`` at most. `SMTPUTF8` implies `8BITMIME`, also where the host forgets to say so (Q-17, RFC 6531 §3.1).
    public init(_ reply: Reply) {
        let lines = reply.bytes.split(separator: .lf).map { $0.dropFirst(4).dropLast() }
        self.init(lines.first ?? [], lines.dropFirst())
    }

    private init(_ greeting: ArraySlice<UInt8>, _ lines: some Sequence<ArraySlice<UInt8>>) {
        var octets = Array(greeting.prefix(Limits.keyword)) + CollectionOfOne(.lf)
        for line in lines.lazy.compactMap(Keyword.bounded).prefix(Limits.keywords) {
            octets += line
            octets.append(.lf)
        }
        if Self.line(named: "SMTPUTF8", in: octets) != nil, Self.line(named: "8BITMIME", in: octets) == nil { octets += "8BITMIME\n".utf8 }
        self.octets = octets
    }

    /// The first line's text: the host's name and perhaps a greeting.
    public var greeting: String { String(decoding: self.octets.prefix { $0 != .lf }, as: UTF8.self) }

    public var all: [Keyword] { Self.lines(of: self.octets).dropFirst().compactMap { Keyword(line: $0) } }

    /// How many there are.
    public var count: Int { self.octets.count { $0 == .lf } - 1 }

    public func contains(_ name: String) -> Bool { Self.line(named: name, in: self.octets) != nil }

    /// The first keyword of this name, in whatever case it is asked for.
    public subscript(name: String) -> Keyword? { Self.line(named: name, in: self.octets).flatMap { Keyword(line: $0) } }

    private static func line(named name: String, in octets: [UInt8]) -> ArraySlice<UInt8>? {
        self.lines(of: octets).dropFirst().first { Keyword.name(of: $0).elementsEqual(name.utf8, by: { $0.upperCased == $1.upperCased }) }
    }

    private static func lines(of octets: [UInt8]) -> some Sequence<ArraySlice<UInt8>> {
        sequence(state: octets[...]) { rest in
            guard let end = rest.firstIndex(of: .lf) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return rest[..<end]
        }
    }

    /// The largest message that is taken, in octets (RFC 1870 §3); nil where `SIZE` is not offered or sets no limit that can be understood.
    public var size: Int? {
        guard let argument = self["SIZE"]?.arguments.first, let size = Int(digits: argument), size > 0 else { return nil }
        return size
    }

    /// SASL mechanisms in upper case, from all `AUTH` and `AUTH=` lines, each once.
    public var authMechanisms: [String] {
        var mechanisms: [String] = []
        for keyword in self.all where keyword.name == "AUTH" {
            for argument in keyword.arguments.map({ $0.uppercased() }) where !mechanisms.contains(argument) { mechanisms.append(argument) }
        }
        return mechanisms
    }

    /// RFC 9422.
    public var limits: SessionLimits { SessionLimits(self["LIMITS"]?.arguments ?? []) }

    /// Only those keywords, changed where `keeping` changes them, and behind them some more.
    public func keeping(_ keeping: (Keyword) -> Keyword?, adding more: [Keyword] = []) -> Keywords {
        Keywords(self.octets.prefix { $0 != .lf }, (self.all + more).compactMap { keeping($0).map { Array($0.text.utf8)[...] } })
    }

    /// A 250 reply with only those keywords, changed where `keeping` changes them.
    public func reply(keeping: (Keyword) -> Keyword?) -> Reply {
        Reply(250, lines: ([self.greeting] + self.all.compactMap { keeping($0)?.text }).map(\.utf8))
    }

    /// As a 250 reply.
    public var reply: Reply { Reply(250, lines: Array(Self.lines(of: self.octets))) }
}

extension Int {
    /// Digits only: no sign.
    init?(digits: some StringProtocol) {
        guard digits.utf8.allSatisfy(\.isDigit), let number = Int(digits) else { return nil }
        self = number
    }
}
