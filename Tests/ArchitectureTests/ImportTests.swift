import Foundation
import Testing

/// SwiftPM does not stop an undeclared import. Dependencies point one way, as docs/design.md has it: a plugin, for one, sees values and text, never
/// sockets, files or the engine.
@Suite struct ImportTests {
    static let table = ImportTable(
        markdown: Repository.text(of: "docs/design.md"),
        plugins: Repository.modules.filter { $0.hasPrefix("Plugins/") }.map { String($0.dropFirst("Plugins/".count)) })

    @Test(arguments: Repository.modules) func `a module imports what the design says`(_ folder: String) {
        #expect(Self.table.modules(for: folder) != nil, "docs/design.md has no row for it")
        for file in Repository.swiftFiles(under: folder) {
            let breaches = Self.table.breaches(in: Repository.text(of: file), of: folder)
            #expect(breaches.isEmpty, "\(file) imports \(breaches.joined(separator: ", "))")
        }
    }

    @Test func `each row has its folder`() {
        #expect(!Self.table.rows.isEmpty)
        for folder in Self.table.rows.keys where folder != "Plugins/*" { #expect(Repository.modules.contains(folder), "\(folder)") }
    }

    @Test func `a plugin sees values and text alone`() { #expect(Self.table.modules(for: "Plugins/Any") == ["QuirkKit", "SMTPWire"]) }

    // MARK: The checks themselves

    @Test func `an import that the table does not have is found`() {
        let table = ImportTable(
            markdown: """
                | folder | ours | others |
                | --- | --- | --- |
                | `Sources/Inner` | none | `NIOCore` |
                | `Sources/Outer` | `Inner` | `NIOCore` |
                | `Sources/Outer` | each plugin | `Glibc` |
                | `Plugins/*` | `Inner` | |
                """, plugins: ["Odd"])
        #expect(table.breaches(in: "public import NIOCore\n", of: "Sources/Inner") == [])
        #expect(table.breaches(in: "import NIOCore\nimport Outer\n", of: "Sources/Inner") == ["Outer"])
        #expect(table.breaches(in: "import Inner\nimport Odd\n#if canImport(Glibc)\n    import Glibc\n#endif\n", of: "Sources/Outer") == [])
        #expect(table.breaches(in: "internal import struct Foundation.Date\n", of: "Plugins/Odd") == ["Foundation"])
        #expect(table.breaches(in: "import NIOCore\n", of: "Sources/New") == ["NIOCore"])
        #expect(table.modules(for: "Sources/New") == nil)
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
