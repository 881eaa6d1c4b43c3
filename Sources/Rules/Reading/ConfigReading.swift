import QuirkKit

extension Config {
    /// Keys that stand before the first table.
    static let plainKeys = ["hostname", "state"]

    init(
        parsing text: String, path: String, quirks: [QuirkDescription], hostname: String, unavailable: Unavailable,
        atMost bound: Int = ConfigFile.largest
    ) throws(ConfigErrors) {
        guard text.utf8.count <= bound else { throw ConfigFile.tooLarge(path, bound) }
        let report = Report(file: path)
        let root: TOMLNode
        do {
            root = try TOMLNode(parsing: text)
        } catch {
            // The parser stops at the first of these, so there is only one.
            report.add("", error.at, SyntaxHint.message(for: error.message, header: HeaderText(text).written(at: error.at)))
            throw ConfigErrors(report.errors)
        }
        self = .builtIn(hostname: hostname)
        self.path = path
        if let file = Field(name: "", node: root, keyAt: root.at, report: report).table() {
            self.read(file, quirks: quirks, unavailable: unavailable, headers: HeaderText(text))
        }
        if case .file(let file) = self.state { self.state = .file(self.path(of: file)) }
        guard report.errors.isEmpty else { throw ConfigErrors(report.errors) }
    }

    private mutating func read(_ file: Fields, quirks: [QuirkDescription], unavailable: Unavailable, headers: HeaderText) {
        if let name = file["hostname"]?.hostName(like: "shim.example.net") { self.hostname = name }
        if let state = file["state"]?.state() { self.state = state }
        if let field = file["listener"] { self.listeners = ListenerReading.listeners(field, unavailable: unavailable) }
        if let table = file["learning"]?.table() { self.learning.read(table) }
        if let table = file["timeouts"]?.table() { self.timeouts.read(table) }
        if let table = file["limits"]?.table() { self.limits.read(table) }
        if let table = file["content"]?.table() {
            if let word = table["line-endings"]?.word(of: LineEndings.allCases.map(\.rawValue)) {
                self.lineEndings = LineEndings(rawValue: word) ?? self.lineEndings
            }
            table.finish()
        }
        if let table = file["log"]?.table() { self.log.read(table) }
        if let table = file["admin"]?.table() { self.admin.read(table) }
        self.rules = RuleReading(quirks: quirks, unavailable: unavailable, headers: headers).rules(file)
        file.finish()
    }
}

extension Field {
    fileprivate func state() -> StateLocation? {
        guard let text = self.string("the path of a file, or \"memory\"") else { return nil }
        if text == "memory" { return .memory }
        guard Similar.best(for: text, among: ["memory"]) == nil else {
            self.fault("\(TOMLKey.quoted(text)) is neither a path nor \"memory\"; did you mean \"memory\"?")
            return nil
        }
        guard !text.hasSuffix("/") else {
            self.fault("\(TOMLKey.quoted(text)) is a directory; write the path of a file, like \"/var/lib/mailshim/learned.sqlite\"")
            return nil
        }
        return .file(text)
    }
}
