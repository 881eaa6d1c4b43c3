import QuirkKit

extension RuleReading {
    /// The keys of any table for remotes.
    static let keys: Set = ["quirks", "ignore", "because", "connections", "pause", "tls", "names", "keywords", "bypass", "port"]

    func rule(_ table: Fields, _ kind: Kind, _ header: String, stage: Source.Stage) -> Rule {
        var rule = Rule(source: Source(table: header, line: table.at.line, because: table["because"]?.string(), stage: stage))
        if let field = table["quirks"] { rule.quirks = self.settings(field) }
        if let field = table["ignore"] { rule.ignore = self.names(field) }
        rule.connections = table["connections"]?.integer(in: 1...10_000)
        rule.pause = table["pause"]?.milliseconds(in: 0...3_600_000)
        rule.tls = self.tls(table, kind)
        if let field = table["keywords"] { rule.keywords = self.keywords(field) }
        if kind == .address {
            rule.port = table["port"]?.integer(in: 1...65535)
            rule.bypass = self.bypass(table, rule.tls)
        } else {
            for key in ["port", "bypass"] where table.entries.contains(where: { $0.key == key }) {
                let field = table[key]
                field?.report.add(table.name(of: key), field?.keyAt ?? table.at, "only an address table takes it, like [address.\"192.0.2.1\"]")
            }
        }
        table.finish()
        return rule
    }

    private static let words = ["off", "opportunistic", "passthrough", "required", "implicit", "verified", "dane"]

    private func tls(_ table: Fields, _ kind: Kind) -> RemoteTLS? {
        let (field, naming) = (table["tls"], table["names"])
        let names = naming.flatMap { self.hostNames($0) }
        guard let field else {
            if let naming { naming.fault("only means something beside tls = \"verified\"") }
            return nil
        }
        guard let word = field.word(of: Self.words) else { return nil }
        if naming != nil, word != "verified" { naming?.fault("only means something beside tls = \"verified\"") }
        if word == "verified", naming == nil, kind == .address {
            field.fault("an address has no name that could be verified; write names = [\"mx.example.com\"] in the same table")
        }
        guard !self.unavailable.remoteTLS.contains(word) else {
            let others = Self.words.filter { !self.unavailable.remoteTLS.contains($0) }.map { "\"\($0)\"" }.joined(separator: ", ")
            field.fault("\"\(word)\" is not available in this version; it can be \(others)")
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

    private func bypass(_ table: Fields, _ tls: RemoteTLS?) -> Bool? {
        guard let field = table["bypass"], let value = field.boolean() else { return nil }
        if value, let tls, tls.strictness > RemoteTLS.passthrough.strictness {
            field.fault("relays everything unread, so tls = \"\(tls.word)\" could not be kept; leave one of them out")
        }
        return value
    }

    private func hostNames(_ field: Field) -> [String]? {
        field.list(of: "host names, like [\"mx.example.com\"]", empty: "so nothing could be verified")?.compactMap { element in
            guard let text = element.string("a host name") else { return nil }
            let name = NamePattern.normalized(text)
            guard NamePattern.isName(name) else {
                element.fault("\(TOMLKey.quoted(text)) is no host name")
                return nil
            }
            return name
        }
    }

    /// What Mailshim knows and decides about by itself: none of them is private.
    private static let known: Set = [
        "8BITMIME", "AUTH", "BINARYMIME", "CHUNKING", "DELIVERBY", "DSN", "ENHANCEDSTATUSCODES", "FUTURERELEASE", "LIMITS", "MT-PRIORITY",
        "PIPELINING",
        "REQUIRETLS", "SIZE", "SMTPUTF8", "STARTTLS",
    ]

    /// EHLO keywords in upper case: RFC 5321 §4.1.1.1.
    private func keywords(_ field: Field) -> [String] {
        (field.list(of: "EHLO keywords, like [\"XFOO\"]", empty: "which shows none; leave it out") ?? []).compactMap { element in
            guard let text = element.string("an EHLO keyword, like \"XFOO\"") else { return nil }
            let keyword = text.uppercased()
            guard text.utf8.count <= 64, text.first != "-",
                text.unicodeScalars.allSatisfy({ $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-") })
            else {
                element.fault("\(TOMLKey.quoted(text)) is no EHLO keyword: letters, digits and hyphens, without parameters, like \"XFOO\"")
                return nil
            }
            guard !Self.known.contains(keyword) else {
                element.fault("\"\(keyword)\" is not private: Mailshim itself decides when it is shown")
                return nil
            }
            return keyword
        }
    }
}
