import QuirkKit

extension RuleReading {
    /// The keys of tables for remotes.
    static let keys: Set = ["quirks", "ignore", "because", "connections", "pause", "tls", "names", "auth", "keywords", "bypass", "port"]

    func rule(_ table: Fields, _ kind: Kind, _ header: String) -> Rule {
        var rule = Rule(source: Source(table: header, line: table.at.line, because: table["because"]?.string(), stage: kind.stage))
        if let field = table["quirks"] { rule.quirks = self.settings(field) }
        if let field = table["ignore"] { rule.ignore = self.names(field) }
        rule.connections = table["connections"]?.integer(in: 1...10_000)
        rule.pause = table["pause"]?.milliseconds(in: 0...3_600_000)
        rule.tls = self.tls(table, kind)
        rule.authUnverified = self.authUnverified(table, kind)
        if let field = table["keywords"] { rule.keywords = PrivateKeywords.read(field) }
        if kind == .address {
            rule.port = table["port"]?.integer(in: 1...65535)
            rule.bypass = self.bypass(table, rule.tls)
        } else {
            for key in ["port", "bypass"] where table.entries.contains(where: { $0.key == key }) {
                table[key]?.keyFault("only an address table takes it, like \(Kind.address.header(Kind.address.example))")
            }
        }
        table.finish()
        return rule
    }

    private static let words = ["off", "opportunistic", "passthrough", "required", "implicit", "verified", "dane"]

    private func tls(_ table: Fields, _ kind: Kind) -> RemoteTLS? {
        let (field, naming) = (table["tls"], table["names"])
        let names = naming.flatMap { self.hostNames($0) }
        let word = field?.word(of: Self.words)
        if let naming, field == nil || word != nil && word != "verified" { naming.keyFault("only means something beside tls = \"verified\"") }
        guard let field, let word else { return nil }
        if word == "verified", naming == nil, kind == .address {
            field.fault("an address has no name that could be verified; write names = [\"mx.example.com\"] in the same table")
        }
        guard !self.unavailable.remoteTLS.contains(word) else {
            let others = Self.words.filter { !self.unavailable.remoteTLS.contains($0) }.map { "\"\($0)\"" }.joined(separator: ", ")
            field.fault("\"\(word)\" is not available in this version; there are: \(others)")
            return nil
        }
        switch word {
        case "off": return .off
        case "passthrough": return .passthrough
        case "required": return .required
        case "implicit": return .implicit
        case "verified": return .verified(names: names ?? [])
        case "dane": return .dane
        default: return .opportunistic
        }
    }

    private func authUnverified(_ table: Fields, _ kind: Kind) -> Bool? {
        guard kind != .domain else {
            if table.entries.contains(where: { $0.key == "auth" }) {
                table["auth"]?.keyFault("AUTH comes before any recipient; write it where the remote itself is named")
            }
            return nil
        }
        return table["auth"]?.word(of: ["verified", "unverified"]).map { $0 == "unverified" }
    }

    private func bypass(_ table: Fields, _ tls: RemoteTLS?) -> Bool? {
        guard let field = table["bypass"], let value = field.boolean() else { return nil }
        if value, let tls, tls.strictness > RemoteTLS.passthrough.strictness {
            field.fault("relays everything unread, so tls = \"\(tls.word)\" could not be kept; leave one of them out")
        }
        return value
    }

    private func hostNames(_ field: Field) -> [String]? {
        field.list(of: "host names, like [\"mx.example.com\"]", empty: "so nothing could be verified")?.compactMap {
            $0.hostName(like: "mx.example.com")
        }
    }
}
