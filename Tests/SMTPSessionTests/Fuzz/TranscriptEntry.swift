import StandardQuirks
import Transcript

extension FuzzEntries {
    /// A transcript that somebody wrote: it is read or an error names its line, and it is played or fails; nothing
    /// else.
    static func transcripts(_ octets: [UInt8]) -> String? {
        guard let text = String(validating: octets, as: UTF8.self) else { return nil }
        let lines = 1 + octets.count { $0 == 0x0A }
        let transcript: Transcript
        do throws(TranscriptError) { transcript = try Transcript(parsing: text, file: "x.smtp") } catch {
            if !(1...lines).contains(error.line) { return "the error is of line \(error.line) of \(lines): \(error)" }
            return error.description.isEmpty ? "an error without words" : nil
        }
        // Many octets cost time, and are nothing new.
        if text.contains("octets") || text.contains("times") { return nil }
        for failure in transcript.play(.whole, catalogue: StandardQuirks.catalogue).failures
        where !(0...lines).contains(failure.line) {
            return "the failure is of line \(failure.line) of \(lines): \(failure)"
        }
        return nil
    }
}
