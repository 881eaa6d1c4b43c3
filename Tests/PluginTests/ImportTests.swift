import Foundation
import Testing

/// SwiftPM does not stop an undeclared import: a plugin sees values and text, never sockets, files or the engine.
@Suite struct ImportTests {
    @Test(arguments: try Folder.all) func `a plugin imports QuirkKit and SMTPWire only`(_ folder: Folder) throws {
        #expect(!folder.sources.isEmpty)
        for path in folder.sources {
            let modules = Imports.modules(in: try String(contentsOfFile: path, encoding: .utf8))
            #expect(Set(modules).isSubset(of: ["QuirkKit", "SMTPWire"]), "\(path)")
        }
    }

    @Test(arguments: [
        ("import QuirkKit\npublic import SMTPWire\n", ["QuirkKit", "SMTPWire"]),
        ("  @testable  import NIOCore // why", ["NIOCore"]),
        ("@preconcurrency internal import struct Foundation.Date", ["Foundation"]),
        ("import func Glibc.open; import A", ["Glibc", "A"]),
        ("@_spi(Testing) import A\r\nimport B\r\n", ["A", "B"]),
        ("#if canImport(Glibc)\n    import Glibc\n#endif", ["Glibc"]),
        ("/* c */ import A", ["A"]),
        ("// import A\n/// import B\nlet text = \"import C\"\nfunc import_(_ import: Int) {}\n", []),
    ])
    func `imports are found`(_ source: String, modules: [String]) { #expect(Imports.modules(in: source) == modules) }
}

/// The modules that a Swift source imports, in the order of its lines.
enum Imports {
    static func modules(in source: String) -> [String] {
        source.split(whereSeparator: \.isNewline).flatMap { $0.split(separator: ";") }.compactMap { Self.module(of: String($0)) }
    }

    private static func module(of statement: String) -> String? {
        let comment = #"(?:/\*.*?\*/\s*)?"#
        let before = #"(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"#
        let kind = #"(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?"#
        guard let declaration = try? Regex(#"^\s*\#(comment)\#(before)import\s+\#(kind)(\w+)"#, as: (Substring, Substring).self) else { return nil }
        return statement.firstMatch(of: declaration).map { String($0.output.1) }
    }
}
