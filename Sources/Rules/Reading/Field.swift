import QuirkKit

/// One value while it is read. Each reading is nil where it is not what it should be, and then that has been reported.
struct Field {
    let name: String
    let node: TOMLNode
    let keyAt: TOMLNode.Position
    let report: Report

    /// At the value.
    func fault(_ message: String) { self.report.add(self.name, self.node.at, message) }

    /// At the key.
    func keyFault(_ message: String) { self.report.add(self.name, self.keyAt, message) }

    private func mistyped<Value>(_ expected: String) -> Value? {
        self.fault("must be \(expected), not \(self.kind)")
        return nil
    }

    private var kind: String {
        switch self.node.value {
        case .table: "a table"
        case .array: "a list"
        case .string: "a string"
        case .integer: "a whole number"
        case .real: "a number with a fraction"
        case .boolean: "true or false"
        case .other: "a date or a time"
        }
    }

    /// A string that is not empty and holds no NUL.
    func string(_ expected: String = "a string") -> String? {
        guard case .string(let text) = self.node.value else { return self.mistyped(expected) }
        guard !text.isEmpty else { self.fault("is empty; it must be \(expected)"); return nil }
        guard !text.utf8.contains(0) else { self.fault("contains a NUL"); return nil }
        return text
    }

    func hostName(like example: String) -> String? {
        guard let text = self.string("a host name like \"\(example)\"") else { return nil }
        guard let name = NamePattern.normalized(text), NamePattern.isName(name) else {
            self.fault("\(TOMLKey.quoted(text)) is no host name; write one like \"\(example)\"")
            return nil
        }
        return name
    }

    func pattern() -> Pattern? {
        guard let text = self.string("a regular expression") else { return nil }
        do { return try Pattern(text) } catch {
            self.fault("\(TOMLKey.quoted(text)) \(error.message)")
            return nil
        }
    }

    func text(_ form: TextForm) -> String? {
        if form == .replyText { return self.replyText() }
        guard let text = self.string(form.words) else { return nil }
        guard form.accepts(text) else {
            self.fault("\(TOMLKey.quoted(text)) is not \(form.words)")
            return nil
        }
        return text
    }

    /// Alone of all texts it may be empty.
    private func replyText() -> String? {
        guard case .string(let text) = self.node.value else { return self.mistyped(TextForm.replyText.words) }
        do { _ = try ReplyText(text) } catch {
            self.fault("\(TOMLKey.quoted(text)) \(error.message)")
            return nil
        }
        return text
    }

    func boolean() -> Bool? {
        guard case .boolean(let value) = self.node.value else { return self.mistyped("true or false (without quotes)") }
        return value
    }

    func integer(in range: ClosedRange<Int>) -> Int? {
        guard case .integer(let value) = self.node.value else {
            return self.mistyped("a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        guard let value = Int(exactly: value), range.contains(value) else {
            self.fault("\(value) is out of range; it must be from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    /// One of these words.
    /// - Parameter inAnyCase: the words are in upper case.
    func word(of words: [String], inAnyCase: Bool = false) -> String? {
        let list = words.map { "\"\($0)\"" }.joined(separator: ", ")
        guard var text = self.string("one of \(list)") else { return nil }
        if inAnyCase { text = text.uppercased() }
        guard words.contains(text) else {
            self.fault("\(TOMLKey.quoted(text)) is not one of \(list)" + Similar.hint(for: text, among: words))
            return nil
        }
        return text
    }

    /// The elements of a list; an empty one is an error that says what that would mean.
    func list(of what: String, empty: String) -> [Field]? {
        guard case .array(let nodes) = self.node.value else { return self.mistyped("a list of \(what)") }
        if nodes.isEmpty {
            self.fault("is empty, \(empty)")
            return nil
        }
        return nodes.map { Field(name: self.name, node: $0, keyAt: self.keyAt, report: self.report) }
    }

    func table(_ expected: String = "a table") -> Fields? {
        guard case .table(let entries) = self.node.value else { return self.mistyped(expected) }
        return Fields(entries, path: self.name, at: self.node.at, report: self.report)
    }

    func seconds(in range: ClosedRange<Int>) -> Int? {
        self.milliseconds(in: range.lowerBound * 1000...range.upperBound * 1000, wholeSeconds: true).map { $0 / 1000 }
    }

    func milliseconds(in range: ClosedRange<Int>, wholeSeconds: Bool = false) -> Int? {
        let example = "a length of time like \"30s\", \"5m\", \"2h\" or \"1d\""
        guard let text = self.string(example) else { return nil }
        guard let value = TimeText.parse(text) else {
            self.fault(
                "\(TOMLKey.quoted(text)) is no length of time; write a whole number and \(wholeSeconds ? "" : "ms, ")s, m, h or d, like \"30s\"")
            return nil
        }
        guard !wholeSeconds || !text.hasSuffix("ms") else {
            self.fault("\(TOMLKey.quoted(text)) is too fine; write whole seconds, like \"30s\"")
            return nil
        }
        guard range.contains(value) else {
            let (least, most) = (TimeText.text(milliseconds: range.lowerBound), TimeText.text(milliseconds: range.upperBound))
            self.fault("\(TOMLKey.quoted(text)) is out of range; it must be from \"\(least)\" to \"\(most)\"")
            return nil
        }
        return value
    }
}
