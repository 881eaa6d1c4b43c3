import AdminProtocol
import LearnedQuirks
import QuirkKit
import Rules
import StandardQuirks

/// Everything that applies to a remote, row by row, with where it comes from.
struct Explanation {
    /// One setting: what it is, and where that comes from.
    struct Row {
        let setting: String
        let value: String
        let from: String
        /// Of the config file; nil: it is not from there.
        let line: Int?
        let stage: String
        let notes: [String]

        /// The names of its members are a promise.
        var json: JSON {
            [
                "setting": .string(self.setting), "value": .string(self.value), "from": .string(self.from), "line": JSON(self.line),
                "known_from": .string(self.stage), "notes": .array(self.notes.map { .string($0) }),
            ]
        }
    }

    private(set) var rows: [Row] = []
    /// Whether what was learned is in use.
    let learning: Bool

    init(learning: Bool) { self.learning = learning }

    mutating func add(_ resolved: Resolved, learned: [Learned]) {
        for quirk in resolved.quirks { self.add(quirk.value.name, Self.value(quirk.value), quirk.source) }
        for name in resolved.ignored { self.add(name.value, "ignored", name.source) }
        for entry in learned { self.add(entry, besides: resolved) }
        self.addWatched(resolved, learned)
        self.add("connections", resolved.connections.map { "\($0.value) at once" } ?? "no limit", resolved.connections?.source ?? .builtIn)
        self.add("pause", resolved.pause.map { Self.time($0.value) } ?? "none", resolved.pause?.source ?? .builtIn)
        self.add("tls", resolved.tls.value.text(isImplicit: resolved.isImplicit), resolved.tls.source)
        self.add("auth", resolved.authUnverified.value ? "unverified" : "verified", resolved.authUnverified.source)
        self.add("bypass", resolved.bypass.value ? "yes: bytes are relayed unread" : "no", resolved.bypass.source)
        for keyword in resolved.keywords { self.add("keyword", "\(keyword.value) is shown", keyword.source) }
    }

    private mutating func add(_ setting: String, _ value: String, _ source: Source) {
        self.rows.append(
            Row(
                setting: setting, value: value, from: source.table, line: source.isBuiltIn ? nil : source.line, stage: source.stage.rawValue,
                notes: source.because.map { ["because: \($0)"] } ?? []))
    }

    private mutating func add(_ entry: Learned, besides resolved: Resolved) {
        let rule =
            resolved.quirks.first { $0.value.name == entry.quirk.name }?.source ?? resolved.ignored.first { $0.value == entry.quirk.name }?.source
        var notes = [entry.because, entry.expires.map { "expires \(Moment(at: $0).day)" } ?? "does not expire"]
        if let rule { notes.append("not in use: \(rule.table) wins over what was learned") }
        if !self.learning { notes.append("not in use: [learning] enabled = false") }
        let isUsed = rule == nil && self.learning
        let value = Self.value(entry.quirk)
        self.rows.append(
            Row(
                setting: entry.quirk.name, value: isUsed ? value : "(\(value))",
                from: "\(entry.origin.rawValue) \(Moment(at: entry.firstSeen).day)", line: nil, stage: Source.Stage.connect.rawValue, notes: notes))
    }

    /// The quirks that nothing is known of, where they are looked for.
    private mutating func addWatched(_ resolved: Resolved, _ learned: [Learned]) {
        let known = Set(resolved.quirks.map(\.value.name) + resolved.ignored.map(\.value) + (self.learning ? learned.map(\.quirk.name) : []))
        for quirk in StandardQuirks.descriptions where quirk.isFound && !known.contains(quirk.name) {
            self.rows.append(
                Row(setting: quirk.name, value: "looked for", from: Source.builtIn.table, line: nil, stage: quirk.stage.rawValue, notes: []))
        }
    }

    var table: Table {
        var table = Table("SETTING", "VALUE", "FROM", "LINE", "KNOWN FROM")
        for row in self.rows { table.add(row.setting, row.value, row.from, row.line.map { "line \($0)" } ?? "", row.stage, notes: row.notes) }
        return table
    }

    private static func value(_ setting: QuirkSetting) -> String { setting.options.isEmpty ? "applied" : QuirkText.options(setting) }

    private static func time(_ milliseconds: Int) -> String {
        milliseconds.isMultiple(of: 1000) ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}

extension RemoteTLS {
    /// - Parameter isImplicit: another table says that it begins with the first byte.
    fileprivate func text(isImplicit: Bool) -> String {
        let start = isImplicit && self != .implicit ? ", implicit" : ""
        if case .verified(let names) = self, !names.isEmpty { return "\(self.word) (\(names.joined(separator: ", ")))\(start)" }
        return self.word + start
    }
}
