import Foundation
import Testing
import Transcript

/// What the fuzzer found in files of operators, and what it was sown with (README.md). For what peers say there is
/// Tests/SMTPSessionTests/Fuzz.
@Suite struct FuzzTests {
    @Test(
        arguments: [("config", FileEntries.config), ("learned", FileEntries.learned)]
            as [(String, @Sendable ([UInt8]) -> String?)])
    func `inputs are taken`(_ target: String, _ entry: @Sendable ([UInt8]) -> String?) throws {
        let folder = TranscriptFile.folder(0, above: #filePath) + "/Inputs/\(target)"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(!names.isEmpty)
        for name in names {
            let octets = try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"))
            let fault = entry([UInt8](octets))
            #expect(fault == nil, "\(target)/\(name)")
        }
    }
}
