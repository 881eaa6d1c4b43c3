import QuirkKit

/// `quirks = ["message-limit", { name = "message-limit", messages = 20 }]` and `ignore = ["pix"]`, checked against the catalogue.
extension RuleReading {
    func settings(_ field: Field) -> [QuirkSetting] {
        let elements = field.list(
            of: "quirks, like [\"\(self.example)\"]", empty: "which changes nothing (quirks add up); leave it out or write ignore = […]")
        var settings: [QuirkSetting] = []
        for element in elements ?? [] {
            guard let setting = self.setting(element) else { continue }
            if settings.contains(where: { $0.name == setting.name }) { element.fault("\"\(setting.name)\" stands here twice") }
            settings.append(setting)
        }
        return settings
    }

    func names(_ field: Field) -> [String] {
        let elements = field.list(of: "quirks, like [\"\(self.example)\"]", empty: "which changes nothing (tables add up); leave it out")
        var names: [String] = []
        for element in elements ?? [] {
            if case .table = element.node.value {
                element.fault("a quirk is ignored whole, by its name alone: \"\(self.example)\"")
                continue
            }
            guard let quirk = self.quirk(element) else { continue }
            if names.contains(quirk.name) { element.fault("\"\(quirk.name)\" stands here twice") }
            names.append(quirk.name)
        }
        return names
    }

    private var example: String { self.quirks.first?.name ?? "message-limit" }

    private func quirk(_ field: Field) -> QuirkDescription? {
        guard let name = field.string("the name of a quirk, like \"\(self.example)\"") else { return nil }
        if let quirk = self.quirks.first(where: { $0.name == name }) { return quirk }
        let names = self.quirks.map(\.name)
        field.fault(
            "\(TOMLKey.quoted(name)) is no quirk"
                + Similar.hint(for: name, among: names, otherwise: "; there are: " + names.sorted().joined(separator: ", ")))
        return nil
    }

    private func setting(_ field: Field) -> QuirkSetting? {
        switch field.node.value {
        case .table:
            guard let table = field.table(), let naming = table.required("name", like: "\"\(self.example)\""), let quirk = self.quirk(naming) else {
                return nil
            }
            var options: [String: OptionValue] = [:]
            for option in quirk.options {
                options[option.name] = table[option.name].flatMap { option.value(of: $0) } ?? option.standard
                if options[option.name] == nil, !table.entries.contains(where: { $0.key == option.name }) {
                    field.fault("\"\(quirk.name)\" needs the option \(option.name): \(option.meaning)")
                }
            }
            table.finish()
            return QuirkSetting(quirk.name, options)
        case .string:
            guard let quirk = self.quirk(field) else { return nil }
            for option in quirk.options where option.standard == nil {
                field.fault("\"\(quirk.name)\" needs the option \(option.name): { name = \"\(quirk.name)\", \(option.name) = … }")
            }
            return QuirkSetting(quirk.name, Dictionary(quirk.options.map { ($0.name, $0.standard) }) { first, _ in first }.compactMapValues { $0 })
        default:
            _ = field.string("the name of a quirk, or a table like { name = \"\(self.example)\", … }")
            return nil
        }
    }
}

extension OptionDescription {
    /// Nil where it is not what the option takes; that has been reported.
    fileprivate func value(of field: Field) -> OptionValue? {
        switch self.kind {
        case .integer(let range): field.integer(in: range).map { .integer($0) }
        case .string: field.string().map { .string($0) }
        case .boolean: field.boolean().map { .boolean($0) }
        case .strings: field.list(of: "strings", empty: "so it names nothing; leave it out").map { .strings($0.compactMap { $0.string() }) }
        case .seconds(let range): field.seconds(in: range).map { .seconds($0) }
        }
    }
}
