/// Tables by name, found in as many steps as the name has labels. "*.example.com" is for what is below it, not for itself.
struct NameTable: Hashable, Sendable {
    private var exact: [String: Rule] = [:]
    private var below: [String: Rule] = [:]

    private(set) var verifiedNames: Set<String> = []

    var isEmpty: Bool { self.exact.isEmpty && self.below.isEmpty }

    /// The table for this very pattern, if there is one.
    subscript(pattern: NamePattern) -> Rule? {
        get { pattern.isBelow ? self.below[pattern.name] : self.exact[pattern.name] }
        set {
            if pattern.isBelow { self.below[pattern.name] = newValue } else { self.exact[pattern.name] = newValue }
            if case .verified(let names)? = newValue?.tls { self.verifiedNames.formUnion(names) }
        }
    }

    /// The most specific first, that is the longest name; of equal ones as the names are given.
    func matches(_ names: [String]) -> [Rule] {
        guard !self.isEmpty else { return [] }
        var found: [(length: Int, rule: Rule)] = []
        var seen: Set<Source> = []
        for name in names {
            for match in self.matches(NamePattern.normalized(name)) where seen.insert(match.rule.source).inserted { found.append(match) }
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
