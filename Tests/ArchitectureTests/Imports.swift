import Foundation

/// The modules that a Swift source imports, in the order of its lines.
enum Imports {
    static func modules(in source: String) -> [String] {
        source.split(whereSeparator: \.isNewline).flatMap { $0.split(separator: ";") }.compactMap { Self.module(of: String($0)) }
    }

    private static func module(of statement: String) -> String? {
        guard statement.contains("import") else { return nil }
        let comment = #"(?:/\*.*?\*/\s*)?"#
        let before = #"(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"#
        let kind = #"(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?"#
        guard let declaration = try? Regex(#"^\s*\#(comment)\#(before)import\s+\#(kind)(\w+)"#, as: (Substring, Substring).self) else { return nil }
        return statement.firstMatch(of: declaration).map { String($0.output.1) }
    }
}

/// Which module may import which: the table of docs/design.md, "Who imports whom".
struct ImportTable {
    /// By folder ("Sources/SMTPWire", "Plugins/*"), the modules that may be imported there.
    private(set) var rows: [String: Set<String>] = [:]

    /// Rows of a Markdown table whose first cell names a folder of sources; every name in backquotes in the other cells is a module. A folder may have
    /// several rows.
    /// - Parameter plugins: what "each plugin" stands for.
    init(markdown: String, plugins: [String] = []) {
        for line in markdown.split(whereSeparator: \.isNewline) where line.hasPrefix("| `Sources/") || line.hasPrefix("| `Plugins/") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst()
            guard let folder = Self.names(in: cells.first ?? "").first else { continue }
            self.rows[folder, default: []].formUnion(cells.dropFirst().flatMap(Self.names))
            if cells.contains(where: { $0.contains("each plugin") }) { self.rows[folder]?.formUnion(plugins) }
        }
    }

    /// Nil: no row speaks of this folder.
    func modules(for folder: String) -> Set<String>? {
        self.rows[folder] ?? (folder.hasPrefix("Plugins/") ? self.rows["Plugins/*"] : nil)
    }

    /// What a source imports although its folder's row does not say so.
    func breaches(in source: String, of folder: String) -> [String] {
        let allowed = self.modules(for: folder) ?? []
        return Imports.modules(in: source).filter { !allowed.contains($0) }
    }

    private static func names(in cell: Substring) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}
