/// What an EHLO reply offers. RFC 5321 §4.1.1.1.
public struct Keywords: Hashable, Sendable {
    /// The first line's text: the host's name and perhaps a greeting.
    public let greeting: String
    /// In the order in which they came, ``Limits/keywords`` at most. `SMTPUTF8` implies `8BITMIME`, also where the host forgets to say so (Q-17, RFC 6531 §3.1).
    public let all: [Keyword]

    public init(_ reply: Reply) {
        let lines = reply.lines
        self.greeting = lines.first.map { String(decoding: $0.utf8.prefix(Limits.keyword), as: UTF8.self) } ?? ""
        var all = Array(lines.dropFirst().lazy.compactMap { Keyword(line: $0) }.prefix(Limits.keywords))
        if all.contains(where: { $0.name == "SMTPUTF8" }), !all.contains(where: { $0.name == "8BITMIME" }) { all.append(Keyword("8BITMIME")) }
        self.all = all
    }

    public func contains(_ name: String) -> Bool { self[name] != nil }

    /// The first keyword of this name, in whatever case it is asked for.
    public subscript(name: String) -> Keyword? {
        let name = name.uppercased()
        return self.all.first { $0.name == name }
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

    /// A 250 reply with only those keywords, changed where `keeping` changes them.
    public func reply(keeping: (Keyword) -> Keyword?) -> Reply {
        Reply(250, lines: ([self.greeting] + self.all.compactMap { keeping($0)?.text }).map(\.utf8))
    }
}

extension Int {
    /// Digits only: no sign.
    init?(digits: some StringProtocol) {
        guard digits.utf8.allSatisfy(\.isDigit), let number = Int(digits) else { return nil }
        self = number
    }
}
