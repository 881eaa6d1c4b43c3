/// A key below `domain`, `host` or `address`, with its tables.
struct RemoteEntry {
    let kind: RuleReading.Kind
    let key: String
    /// More than one only where `[[address."…"]]` gives one range several ports.
    let tables: [Fields]
    private let field: Field

    /// Nil where it names no remote; that has been reported.
    init?(reading entry: TOMLNode.Entry, _ kind: RuleReading.Kind, report: Report) {
        self.kind = kind
        self.key = entry.key
        let field = Field(name: "\(kind.rawValue).\(TOMLKey.quoted(entry.key))", node: entry.node, keyAt: entry.at, report: report)
        self.field = field
        let plain = "\(kind.rawValue).\(TOMLKey.text(entry.key))"
        if let name = entry.unquoted {
            report.add(plain, entry.at, "a name with dots has to stand in quotes: \(kind.header(name))")
            return nil
        }
        switch entry.node.value {
        case .table: self.tables = field.table().map { [$0] } ?? []
        case .array(let nodes) where kind == .address:
            self.tables = nodes.compactMap { Field(name: field.name, node: $0, keyAt: entry.at, report: report).table() }
        case .array:
            report.add(plain, entry.at, "is there once, in single brackets: \(kind.header(entry.key))")
            return nil
        default:
            report.add(plain, entry.at, "must be in a table that names the remote, like \(kind.header(kind.example)), or in [default]")
            return nil
        }
    }

    /// At the name, not at what is in its table.
    func fault(_ message: String) { self.field.report.add(self.field.name, self.field.keyAt, message) }
}

extension TOMLNode.Entry {
    /// The name that was meant, where its dots made tables within tables: `[domain.example.com]`.
    fileprivate var unquoted: String? {
        guard !self.key.contains("."), case .table(let entries) = self.node.value else { return nil }
        for entry in entries where !RuleReading.keys.contains(entry.key) {
            guard case .table = entry.node.value else { continue }
            return self.key + "." + (entry.unquoted ?? entry.key)
        }
        return nil
    }
}
