import Foundation
import QuirkKit
import StandardQuirks
import Testing
import Transcript

/// Plugins/README.md: its plugin is Tests/PluginTests/Example, word for word, and its transcripts play.
@Suite struct WalkThroughTests {
    static let readMe = (try? String(contentsOfFile: "\(Folder.plugins)/README.md", encoding: .utf8)) ?? ""
    static let transcripts = blocks("").filter { $0.hasPrefix("title:") }

    @Test func `its code is code that compiles`() throws {
        let file = TranscriptFile.folder(0, above: #filePath) + "/Example/StillBusy.swift"
        #expect(Self.blocks("swift").first == (try String(contentsOfFile: file, encoding: .utf8)))
    }

    @Test(arguments: transcripts) func `its transcripts play`(_ text: String) throws {
        let transcript = try Transcript(parsing: text, file: "Plugins/README.md")
        let failures = transcript.failures(catalogue: StandardQuirks.catalogue + [StillBusy()])
        #expect(failures.isEmpty, "\(failures.map(\.description).joined(separator: "\n"))")
    }

    @Test func `there are some`() { #expect(Self.transcripts.count >= 2) }

    /// What it shows of a fenced kind ("swift", or "" for none).
    private static func blocks(_ kind: String) -> [String] {
        var blocks: [String] = []
        var open: (kind: String, lines: [Substring])?
        for line in Self.readMe.split(separator: "\n", omittingEmptySubsequences: false) {
            switch open {
            case nil: if line.hasPrefix("```") { open = (String(line.dropFirst(3)), []) }
            case let (opened, lines)? where line == "```":
                if opened == kind { blocks.append(lines.map { $0 + "\n" }.joined()) }
                open = nil
            case let (opened, lines)?: open = (opened, lines + [line])
            }
        }
        return blocks
    }
}
