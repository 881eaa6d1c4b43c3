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
            set.fallback = self.rule(table, .default, self.headers.text(of: ["default"], at: table.at))
        }
        for remote in self.remotes(.domain, in: file) { self.named(remote, into: &set.domains) }
        for remote in self.remotes(.host, in: file) { self.named(remote, into: &set.hosts) }
        for remote in self.remotes(.address, in: file) { self.addressed(remote, into: &set.addresses) }
        return set
    }

    private func remotes(_ kind: Kind, in file: Fields) -> [RemoteEntry] {
        guard let group = file[kind.rawValue]?.table("tables like \(kind.header(kind.example))") else { return [] }
        return group.entries.compactMap { RemoteEntry(reading: $0, kind, report: file.report) }
    }

    private func named(_ remote: RemoteEntry, into names: inout NameTable) {
        let pattern = NamePattern(remote.key)
        if pattern == nil { remote.fault(remote.kind.mistake(in: remote.key)) }
        for table in remote.tables {
            let rule = self.rule(table, remote.kind, self.headers.text(of: [remote.kind.rawValue, remote.key], at: table.at))
            guard let pattern else { continue }
            if let twin = names[pattern] { remote.fault("names the same as \(twin.source.table) in line \(twin.source.line)") }
            names[pattern] = rule
        }
    }

    private func addressed(_ remote: RemoteEntry, into addresses: inout AddressTable) {
        let range = AddressRange(checking: remote.key, for: remote.fault)
        for table in remote.tables {
            let rule = self.rule(table, .address, self.headers.text(of: [remote.kind.rawValue, remote.key], at: table.at))
            guard let range else { continue }
            if let twin = addresses.twin(of: range, port: rule.port) {
                let port = rule.port.map { ", port \($0)" } ?? ""
                table.report.add(table.path, table.at, "names the same as \(twin.source.table)\(port) in line \(twin.source.line)")
            }
            addresses.insert(rule, for: range)
        }
    }
}

extension RuleReading.Kind {
    var stage: Source.Stage {
        switch self {
        case .default, .address: .connect
        case .host: .greeting
        case .domain: .rcpt
        }
    }

    var example: String {
        switch self {
        case .default, .domain: "example.com"
        case .host: "*.mx.example.net"
        case .address: "192.0.2.0/24"
        }
    }

    /// `[domain."example.com"]`.
    func header(_ name: String) -> String { "[\(self.rawValue).\(TOMLKey.quoted(name))]" }

    /// What is wrong with a text that should be a name.
    func mistake(in text: String) -> String {
        if AddressRange(text) != nil { return "is an address; write \(Self.address.header(text))" }
        if text == "*" || text == "*." { return "would be every \(self.rawValue); write [default]" }
        if let at = text.lastIndex(of: "@") { return "is no name; write what follows the @, \(self.header(String(text[text.index(after: at)...])))" }
        if text.contains("*") { return "a * can only stand for what is before the first dot, like \(self.header("*.example.com"))" }
        if text.hasPrefix(".") { return "begins with a dot; write \(self.header("*" + text)) for what is below it" }
        return "is no \(self == .host ? "host" : "domain") name; write one like \(self.header(self.example))"
    }
}
