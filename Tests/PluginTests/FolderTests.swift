import QuirkKit
import StandardQuirks
import Testing

/// docs/design.md, "Quirks": one folder each, with code, README and transcripts.
@Suite struct FolderTests {
    static let names = StandardQuirks.catalogue.map { $0.name }

    @Test(arguments: names) func `its README tells its name and its options`(_ name: String) throws {
        let quirk = try #require(StandardQuirks.catalogue.first { $0.name == name })
        let readMe = try #require(Folder(of: quirk).readMe, "there is no README.md in Plugins/\(Folder(of: quirk))")
        #expect(readMe.contains("`\(name)`"))
        for option in quirk.description.options { #expect(readMe.contains("`\(option.name)`"), "option \(option.name)") }
    }

    /// So that an operator who looks a line of the log up finds it.
    @Test(arguments: names) func `its README quotes the log as the code has it`(_ name: String) throws {
        let quirk = try #require(StandardQuirks.catalogue.first { $0.name == name })
        let folder = Folder(of: quirk)
        let code = try (folder.sources + Folder.engine.sources).map { try String(contentsOfFile: $0, encoding: .utf8) }.joined()
        let quoted = (folder.readMe ?? "").matches(of: /\bquirk=.*\bbecause="([^"]*)"/).map { String($0.output.1) }
        #expect(!quoted.isEmpty)
        for because in Set(quoted) { #expect(code.contains("\"\(because)\""), "\(because)") }
    }

    @Test(arguments: names) func `it has transcripts`(_ name: String) throws {
        let quirk = try #require(StandardQuirks.catalogue.first { $0.name == name })
        #expect(Folder(of: quirk).transcripts.count >= 2)
    }

    @Test func `names are told apart`() { #expect(Set(Self.names).count == Self.names.count) }

    @Test func `every folder is in the catalogue`() throws {
        #expect(try Folder.all.map(\.name) == StandardQuirks.catalogue.map { Folder(of: $0).name }.sorted())
    }
}
