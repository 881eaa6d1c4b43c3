import QuirkKit

/// Reads the tables that say something of remotes: `[default]`, `[domain."…"]`, `[host."…"]`, `[address."…"]`.
struct RuleReading {
    let quirks: [QuirkDescription]
    let unavailable: Unavailable
    let headers: HeaderText

    /// Which kind of table: what is allowed in it, and when it can be known to match.
    enum Kind: String { case `default`, domain, host, address }

    func rules(_ file: Fields) -> RuleSet {
        var set = RuleSet()
        if let table = file["default"]?.table() {
            set.fallback = self.rule(table, .default, self.headers.text(of: ["default"], at: table.at), stage: .connect)
        }
        self.each(.domain, in: file) { entry, tables in self.named(entry, tables, .domain, stage: .rcpt, into: &set.domains) }
        self.each(.host, in: file) { entry, tables in self.named(entry, tables, .host, stage: .greeting, into: &set.hosts) }
        self.each(.address, in: file) { entry, tables in self.addressed(entry, tables, into: &set.addresses) }
        return set
    }

    /// A key below `domain`, `host` or `address`.
    struct Entry {
        let key: String
        let field: Field

        /// At the key, not at its value.
        func fault(_ message: String) { self.field.report.add(self.field.name, self.field.keyAt, message) }
    }

    private func each(_ kind: Kind, in file: Fields, read: (Entry, [Fields]) -> Void) {
        guard let group = file[kind.rawValue]?.table("tables like [\(kind.rawValue).\"\(kind.example)\"]") else { return }
        for entry in group.entries {
            let name = "\(kind.rawValue).\(TOMLKey.quoted(entry.key))"
            let field = Field(name: name, node: entry.node, keyAt: entry.at, report: file.report)
            if let whole = entry.unquoted(known: Self.keys) {
                file.report.add(
                    "\(kind.rawValue).\(TOMLKey.text(entry.key))", entry.at,
                    "the name has dots, so it must be quoted: [\(kind.rawValue).\(TOMLKey.quoted(whole))]")
            } else if Self.keys.contains(entry.key), case .table = entry.node.value {
                read(Entry(key: entry.key, field: field), self.tables(field, kind))
            } else if Self.keys.contains(entry.key) {
                file.report.add(
                    "\(kind.rawValue).\(entry.key)", entry.at,
                    "no remote is named here; settings belong in a table like [\(kind.rawValue).\"\(kind.example)\"]")
            } else {
                read(Entry(key: entry.key, field: field), self.tables(field, kind))
            }
        }
    }

    private func tables(_ field: Field, _ kind: Kind) -> [Fields] {
        guard case .array(let nodes) = field.node.value else { return field.table("a table").map { [$0] } ?? [] }
        guard kind == .address else {
            field.fault("write [\(field.name)], in single brackets")
            return []
        }
        // One range, several ports.
        return nodes.compactMap { Field(name: field.name, node: $0, keyAt: field.keyAt, report: field.report).table() }
    }

    private func named(_ entry: Entry, _ tables: [Fields], _ kind: Kind, stage: Source.Stage, into names: inout NameTable) {
        let pattern = NamePattern(entry.key)
        if pattern == nil { entry.fault(NamePattern.mistake(in: entry.key, kind)) }
        for table in tables {
            let rule = self.rule(table, kind, self.headers.text(of: [kind.rawValue, entry.key], at: table.at), stage: stage)
            guard let pattern else { continue }
            if let twin = names[pattern] {
                let (first, second) = twin.source.line <= rule.source.line ? (twin, rule) : (rule, twin)
                table.report.add(
                    entry.field.name, .init(line: second.source.line, column: entry.field.keyAt.column),
                    "is the same as \(first.source.table) in line \(first.source.line)")
            }
            names[pattern] = rule
        }
    }

    private func addressed(_ entry: Entry, _ tables: [Fields], into addresses: inout AddressTable) {
        let range = AddressRange(checking: entry.key, for: entry.fault)
        for table in tables {
            let rule = self.rule(table, .address, self.headers.text(of: ["address", entry.key], at: table.at), stage: .connect)
            guard let range else { continue }
            if let twin = addresses.twin(of: range, port: rule.port) {
                let (first, second) = twin.source.line <= rule.source.line ? (twin, rule) : (rule, twin)
                let port = rule.port.map { " with port = \($0)" } ?? ""
                table.report.add(
                    entry.field.name, .init(line: second.source.line, column: 1),
                    "is the same as \(first.source.table)\(port) in line \(first.source.line)")
            }
            addresses.insert(rule, for: range)
        }
    }
}

extension RuleReading.Kind {
    var example: String {
        switch self {
        case .default: ""
        case .domain: "example.com"
        case .host: "*.mx.example.net"
        case .address: "192.0.2.0/24"
        }
    }
}

extension TOMLNode.Entry {
    /// The name that was meant, where its dots made tables within tables: `[domain.example.com]`.
    fileprivate func unquoted(known: Set<String>) -> String? {
        guard case .table(let entries) = self.node.value,
            let inner = entries.first(where: { entry in
                if case .table = entry.node.value { return !known.contains(entry.key) }
                return false
            })
        else { return nil }
        return self.key + "." + (inner.unquoted(known: known) ?? inner.key)
    }
}

extension NamePattern {
    fileprivate static func mistake(in text: String, _ kind: RuleReading.Kind) -> String {
        if AddressRange(text) != nil { return "is an address; write [address.\(TOMLKey.quoted(text))]" }
        if text == "*" || text == "*." { return "is every \(kind.rawValue); write [default]" }
        if let at = text.lastIndex(of: "@") {
            return "is no domain; write what follows the @: [\(kind.rawValue).\(TOMLKey.quoted(String(text[text.index(after: at)...])))]"
        }
        if text.contains("*") { return "a * can only stand for everything before a dot at the start: [\(kind.rawValue).\"*.example.com\"]" }
        if text.hasPrefix(".") { return "begins with a dot; write [\(kind.rawValue).\(TOMLKey.quoted("*" + text))] for what is below it" }
        return "is no \(kind == .host ? "host" : "domain") name; write one like [\(kind.rawValue).\"\(kind.example)\"]"
    }
}
