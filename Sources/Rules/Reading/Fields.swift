/// One table while it is read: hands out its values by key and knows at the end which keys nobody asked for.
final class Fields {
    /// "listener", "address.\"192.0.2.1\""; empty for the whole file.
    let path: String
    let at: TOMLNode.Position
    let report: Report
    let entries: [TOMLNode.Entry]
    private(set) var asked: [String] = []

    init(_ entries: [TOMLNode.Entry], path: String, at: TOMLNode.Position, report: Report) {
        self.entries = entries
        self.path = path
        self.at = at
        self.report = report
    }

    func name(of key: String) -> String { self.path.isEmpty ? key : "\(self.path).\(key)" }

    /// The value of a key, if it is there. A key that was asked for is a known one.
    subscript(_ key: String) -> Field? {
        self.asked.append(key)
        return self.entries.first { $0.key == key }.map { Field(name: self.name(of: key), node: $0.node, keyAt: $0.at, report: self.report) }
    }

    /// Likewise, and an error where it is missing.
    func required(_ key: String, like example: String) -> Field? {
        let field = self[key]
        if field == nil { self.report.add(self.name(of: key), self.at, "is missing; write it like \(key) = \(example)") }
        return field
    }

    /// Reports the keys that nobody asked for. To be called when all were.
    func finish() {
        for entry in self.entries where !self.asked.contains(entry.key) {
            self.report.add(self.name(of: TOMLKey.text(entry.key)), entry.at, "unknown key" + self.hint(for: entry.key))
        }
    }

    private func hint(for key: String) -> String {
        if !self.path.isEmpty, Config.plainKeys.contains(key) { return "; it belongs at the top of the file, before the first [table]" }
        if self.path.isEmpty, RuleReading.keys.contains(key) { return "; it belongs in a table, like [default]" }
        return Similar.hint(for: key, among: self.asked, otherwise: "; known here: " + self.asked.sorted().joined(separator: ", "))
    }
}

/// Keys as TOML writes them.
enum TOMLKey {
    private static let bare = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-".utf8)

    /// Quoted where it has to be.
    static func text(_ key: String) -> String { !key.isEmpty && key.utf8.allSatisfy { Self.bare.contains($0) } ? key : Self.quoted(key) }

    static func quoted(_ key: String) -> String {
        "\"" + key.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : $0.value < 0x20 ? "?" : "\($0)" }.joined() + "\""
    }
}
