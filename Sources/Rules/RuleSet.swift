public import QuirkKit

/// All tables of a config file that say something of remotes.
public struct RuleSet: Hashable, Sendable {
    var fallback: Rule?
    var addresses = AddressTable()
    var hosts = NameTable()
    var domains = NameTable()

    /// No tables.
    public init() {}

    /// Names that domain tables want remotes verified for: `tls = "verified"` with `names`. In no order.
    public var namesOfDomains: [String] { Array(self.domains.verifiedNames) }

    public var hasDomainTables: Bool { !self.domains.isEmpty }
    public var hasHostTables: Bool { !self.hosts.isEmpty }

    /// Every quirk that a table names, in the order of the file.
    public var quirks: [Sourced<QuirkSetting>] {
        let rules = (self.fallback.map { [$0] } ?? []) + self.addresses.all.map(\.rule) + self.hosts.all + self.domains.all
        return rules.sorted { $0.source.line < $1.source.line }.flatMap { rule in rule.quirks.map { Sourced($0, rule.source) } }
    }

    /// What applies to a remote, as far as it is known.
    ///
    /// The most specific table wins, setting by setting: address (longest prefix; with a port before without), host, domain (longest name), default.
    /// For `tls` the strictest of all matching tables wins and `default` only fills the gap; `quirks`, `ignore` and `keywords` add up.
    ///
    /// - Parameters:
    ///   - port: tables narrowed to a port only match where it is known.
    ///   - host: the remote's own name.
    ///   - domains: of recipients.
    public func resolve(address: IPAddress?, port: Int?, host: String?, domains: [String]) -> Resolved {
        let specific =
            (address.map { self.addresses.matches($0, port: port) } ?? [])
            + (host.map { self.hosts.matches([$0]) } ?? [])
            + self.domains.matches(recipientDomains: domains)
        return Resolved(specific: specific, fallback: self.fallback)
    }
}

extension Resolved {
    /// - Parameter specific: the most specific first.
    init(specific: [Rule], fallback: Rule?) {
        let all = specific + (fallback.map { [$0] } ?? [])
        self.tables = all.map(\.source)
        self.connections = all.firstSourced { $0.connections }
        self.pause = all.firstSourced { $0.pause }
        self.bypass = all.firstSourced { $0.bypass } ?? self.bypass
        self.authUnverified = all.firstSourced { $0.authUnverified } ?? self.authUnverified
        let demands = specific.compactMap { rule in rule.tls.map { Sourced($0, rule.source) } }
        let strictest = demands.map(\.value.strictness).max()
        self.tls = demands.first { $0.value.strictness == strictest } ?? (fallback.map { [$0] } ?? []).firstSourced { $0.tls } ?? self.tls
        // What is relayed unread nobody can vouch for.
        if self.bypass.value, self.tls.value.strictness > RemoteTLS.passthrough.strictness { self.bypass = Sourced(false, self.tls.source) }
        self.isImplicit = demands.contains { $0.value == .implicit } || self.tls.value == .implicit
        self.addUp(all)
    }

    private mutating func addUp(_ rules: [Rule]) {
        var decided: Set<String> = []
        var shown: Set<String> = []
        for rule in rules {
            for quirk in rule.quirks where decided.insert(quirk.name).inserted { self.quirks.append(Sourced(quirk, rule.source)) }
            for name in rule.ignore where decided.insert(name).inserted { self.ignored.append(Sourced(name, rule.source)) }
            for keyword in rule.keywords where shown.insert(keyword).inserted { self.keywords.append(Sourced(keyword, rule.source)) }
        }
    }
}

extension [Rule] {
    fileprivate func firstSourced<Value>(_ setting: (Rule) -> Value?) -> Sourced<Value>? {
        for rule in self { if let value = setting(rule) { return Sourced(value, rule.source) } }
        return nil
    }
}
