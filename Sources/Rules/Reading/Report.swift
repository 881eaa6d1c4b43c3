/// Collects what is wrong with a file while it is read to its end.
final class Report {
    let file: String
    private var found: [ConfigError] = []

    init(file: String) { self.file = file }

    func add(_ key: String, _ at: TOMLNode.Position, _ message: String) {
        self.found.append(ConfigError(file: self.file, line: at.line, column: at.column, key: key, message: message))
    }

    /// In the order of the file.
    var errors: [ConfigError] { self.found.sorted { ($0.line, $0.column) < ($1.line, $1.column) } }
}
