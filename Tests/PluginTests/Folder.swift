import Foundation
import QuirkKit
import Transcript

/// The folder of one plugin.
struct Folder: Hashable, Sendable, CustomStringConvertible {
    static let plugins = TranscriptFile.folder(2, above: #filePath) + "/Plugins"

    /// That of its type, and of its SwiftPM target.
    let name: String

    init(of quirk: any Quirk) { self.name = "\(type(of: quirk))" }
    init(_ name: String) { self.name = name }

    static var all: [Folder] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: Self.plugins).sorted().map(Folder.init)
                .filter { FileManager.default.fileExists(atPath: "\($0.path)/.") }
        }
    }

    /// Whose words stand in the log beside the plugins'.
    static let engine = Folder("../Sources/SMTPSession")

    var description: String { self.name }
    var path: String { "\(Self.plugins)/\(self.name)" }
    var readMe: String? { try? String(contentsOfFile: "\(self.path)/README.md", encoding: .utf8) }
    var transcripts: [TranscriptFile] { TranscriptFile.all(in: "\(self.path)/Transcripts") }

    /// Paths of its Swift files, in subfolders too.
    var sources: [String] {
        let paths = FileManager.default.enumerator(atPath: self.path)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".swift") }.sorted().map { "\(self.path)/\($0)" }
    }
}
