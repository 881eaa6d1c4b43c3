import StandardQuirks
import Testing
import Transcript

/// Each plugin against the sessions in its own folder, with the whole catalogue at work (Sources/Transcript/README.md).
@Suite struct PluginTranscripts {
    static let files = TranscriptFile.all(inEach: "Transcripts", of: Folder.plugins)

    @Test(arguments: files) func transcript(_ file: TranscriptFile) {
        for failure in file.failures(catalogue: StandardQuirks.catalogue) {
            Issue.record(
                "\(failure)", sourceLocation: SourceLocation(fileID: "Plugins/\(file.name)", filePath: failure.file, line: failure.line, column: 1))
        }
    }

    @Test func `there are some`() { #expect(!Self.files.isEmpty) }
}
