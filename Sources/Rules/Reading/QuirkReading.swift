import QuirkKit

/// `quirks = ["message-limit", { name = "message-limit", messages = 20 }]` and `ignore = ["pix"]`, checked against the catalogue.
extension RuleReading {
    func settings(_ field: Field) -> [QuirkSetting] {
        let empty = "which changes nothing, as tables add up; leave it out, or write ignore = [\"\(self.example)\"]"
        var settings: [QuirkSetting] = []
        for element in field.list(of: "quirks, like [\"\(self.example)\"]", empty: empty) ?? [] {
            guard let setting = self.setting(element) else { continue }
            guard let twin = settings.firstIndex(where: { $0.name == setting.name }) else {
                settings.append(setting)
                continue
            }
            let quirk = self.quirks.first { $0.name == setting.name }
            if quirk?.mayRepeat != true { element.fault("\"\(setting.name)\" stands here twice") }
            guard settings[twin].each.count < QuirkDescription.mostInOneTable else {
                element.fault("\"\(setting.name)\" stands here more than \(QuirkDescription.mostInOneTable) times")
                break
            }
            settings[twin] = settings[twin].followed(by: setting)
        }
        return settings
    }

    func names(_ field: Field) -> [String] {
        let empty = "which changes nothing, as tables add up; leave it out, or write quirks = [\"\(self.example)\"]"
        var names: [String] = []
        for element in field.list(of: "quirks, like [\"\(self.example)\"]", empty: empty) ?? [] {
            if case .table = element.node.value {
                element.fault("a quirk is ignored by its name alone, like \"\(self.example)\"")
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
        let all = "; known: " + names.sorted().joined(separator: ", ")
        field.fault("unknown quirk \(TOMLKey.quoted(name))" + Similar.hint(for: name, among: names, otherwise: all))
        return nil
    }

    private func setting(_ field: Field) -> QuirkSetting? {
        switch field.node.value {
        case .table(let entries):
            guard let table = field.table(), let naming = table.required("name", like: "\"\(self.example)\""), let quirk = self.quirk(naming)
            else { return nil }
            var options: [String: OptionValue] = [:]
            for option in quirk.options {
                options[option.name] = table[option.name].flatMap { option.value(of: $0) } ?? option.standard
            }
            table.finish()
            let given = Set(entries.map(\.key))
            self.demand(quirk, given: given, at: field)
            // What is wrong by itself has been reported.
            if given.allSatisfy({ $0 == "name" || options[$0] != nil }), quirk.needed.isSubset(of: given),
                let objection = quirk.objection(to: options)
            {
                if let option = table[objection.option] {
                    option.fault(objection.message)
                } else {
                    field.fault("\(objection.option) \(objection.message)")
                }
            }
            return QuirkSetting(quirk.name, options)
        case .string:
            guard let quirk = self.quirk(field) else { return nil }
            self.demand(quirk, given: [], at: field)
            let standard = quirk.options.compactMap { option in option.standard.map { (option.name, $0) } }
            return QuirkSetting(quirk.name, Dictionary(standard) { first, _ in first })
        default:
            _ = field.string("the name of a quirk, or a table like { name = \"\(self.example)\", … }")
            return nil
        }
    }

    /// Options without a standard value have to be given.
    private func demand(_ quirk: QuirkDescription, given: Set<String>, at field: Field) {
        for option in quirk.options where option.isNeeded && !given.contains(option.name) {
            field.fault("\"\(quirk.name)\" needs \(option.name) (\(option.meaning)): { name = \"\(quirk.name)\", \(option.name) = … }")
        }
    }
}

extension QuirkDescription {
    fileprivate var needed: Set<String> { Set(self.options.filter(\.isNeeded).map(\.name)) }
}

extension OptionDescription {
    /// Nil where it is not what the option takes; that has been reported.
    fileprivate func value(of field: Field) -> OptionValue? {
        switch self.kind {
        case .integer(let range): field.integer(in: range).map { .integer($0) }
        case .string: field.string().map { .string($0) }
        case .text(let form): field.text(form).map { .string($0) }
        case .boolean: field.boolean().map { .boolean($0) }
        case .word(let words): field.word(of: words, inAnyCase: true).map { .string($0) }
        case .pattern: field.pattern().map { .pattern($0) }
        case .strings: field.list(of: "strings", empty: "which says nothing; leave it out").map { .strings($0.compactMap { $0.string() }) }
        case .texts(let form):
            field.list(of: "texts like [\"\(form.example)\"]", empty: "which says nothing; leave it out")
                .map { .strings($0.compactMap { $0.text(form) }) }
        case .seconds(let range): field.seconds(in: range).map { .seconds($0) }
        }
    }
}
