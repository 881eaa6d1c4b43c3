/// Tables by name, found in as many steps as the name has labels. "*.example.com" is for what is below it, not for itself.
struct NameTable: Hashable, Sendable {
    private var exact: [String: Rule] = [:]
    private var below: [String: Rule] = [:]

    private(set) var verifiedNames: Set<String> = []
    /// Of the tables that demand TLS, what the one that demands most says of it; of equals the first one.
    private(set) var strictest: Rule?

    var isEmpty: Bool { self.exact.isEmpty && self.below.isEmpty }

    /// Every table, in no order.
    var all: [Rule] { Array(self.exact.values) + self.below.values }

    /// The table for this very pattern, if there is one.
    subscript(pattern: NamePattern) -> Rule? {
        get { pattern.isBelow ? self.below[pattern.name] : self.exact[pattern.name] }
        set {
            if pattern.isBelow { self.below[pattern.name] = newValue } else { self.exact[pattern.name] = newValue }
            if case .verified(let names)? = newValue?.tls { self.verifiedNames.formUnion(names) }
            if let newValue, let tls = newValue.tls, tls.strictness > max(RemoteTLS.passthrough.strictness, self.strictest?.tls?.strictness ?? 0) {
                // A source of its own: it is not the whole table that holds then.
                var source = newValue.source
                source.table += ", the strictest, for what is no name"
                self.strictest = Rule(source: source, tls: tls)
            }
        }
    }

    /// The most specific first, that is the longest name; of equal ones as the names are given.
    func matches(_ names: [String]) -> [Rule] {
        guard !self.isEmpty else { return [] }
        return self.matches(normalized: names.compactMap { NamePattern.normalized($0) })
    }

    /// The same for domains of recipients. One that no table can be found for, since it is no name, but which the remote may take for one, meets the strictest
    /// demand for TLS that there is: who writes a domain in an odd way gets no less (law 7).
    func matches(recipientDomains domains: [String]) -> [Rule] {
        guard !self.isEmpty else { return [] }
        let names = domains.map { NamePattern.normalized($0) }
        let rules = self.matches(normalized: names.compactMap { $0 })
        guard let strictest, names.contains(where: { $0.map(NamePattern.isOddlyWritten) ?? true }) else { return rules }
        return rules + [strictest]
    }

    private func matches(normalized names: [String]) -> [Rule] {
        var found: [(length: Int, rule: Rule)] = []
        var seen: Set<Source> = []
        for name in names {
            for match in self.matches(name) where seen.insert(match.rule.source).inserted { found.append(match) }
        }
        // Swift's sort is stable.
        return found.sorted { $0.length > $1.length }.map(\.rule)
    }

    private func matches(_ name: String) -> [(length: Int, rule: Rule)] {
        var found: [(Int, Rule)] = []
        if let rule = self.exact[name] { found.append((name.utf8.count, rule)) }
        var rest = name[...]
        while let dot = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: dot)...]
            if let rule = self.below[String(rest)] { found.append((rest.utf8.count, rule)) }
        }
        return found
    }
}
