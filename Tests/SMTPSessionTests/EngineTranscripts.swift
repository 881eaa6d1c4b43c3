import StandardQuirks
import Testing
import Transcript

/// The engine with the quirks of the catalogue, against sessions as their two peers see them (Sources/Transcript/README.md).
@Suite struct EngineTranscripts {
    static let files = TranscriptFile.all(in: TranscriptFile.folder(0, above: #filePath) + "/Transcripts")

    @Test(arguments: files) func transcript(_ file: TranscriptFile) {
        for failure in file.failures(catalogue: StandardQuirks.catalogue) {
            Issue.record(
                "\(failure)",
                sourceLocation: SourceLocation(fileID: "Transcripts/\(file.name)", filePath: failure.file, line: failure.line, column: 1))
        }
    }

    @Test func `there are some`() { #expect(!Self.files.isEmpty) }
}
