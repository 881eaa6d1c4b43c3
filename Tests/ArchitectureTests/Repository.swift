import Foundation

/// The files of this repository, by their paths from its root: what git tracks or would add.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// Sorted. Without git (an unpacked archive): all that .gitignore does not name.
    static let files: [String] = (listed ?? walked).filter { FileManager.default.fileExists(atPath: "\(root)/\($0)") }.sorted()

    /// Folders of Swift modules: one each in Sources/ and Plugins/ that has Swift files.
    static let modules: [String] = Set(
        files.filter { $0.hasSuffix(".swift") }.map { $0.split(separator: "/") }.filter { $0.count > 2 && ["Sources", "Plugins"].contains($0[0]) }
            .map { "\($0[0])/\($0[1])" }
    ).sorted()

    static func swiftFiles(under folder: String) -> [String] { self.files.filter { $0.hasPrefix("\(folder)/") && $0.hasSuffix(".swift") } }

    static func octets(of file: String) -> Data { FileManager.default.contents(atPath: "\(self.root)/\(file)") ?? Data() }

    /// Empty where it is no text.
    static func text(of file: String) -> String { String(data: self.octets(of: file), encoding: .utf8) ?? "" }

    private static var listed: [String]? {
        let git = Process()
        let output = Pipe()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = ["git", "-c", "safe.directory=*", "-C", Self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        guard (try? git.run()) != nil else { return nil }
        let octets = output.fileHandleForReading.readDataToEndOfFile()
        git.waitUntilExit()
        guard git.terminationStatus == 0 else { return nil }
        return Array(Set(octets.split(separator: 0).compactMap { String(data: $0, encoding: .utf8) }))
    }

    private static var walked: [String] {
        let ignored = Set(Self.text(of: ".gitignore").split(whereSeparator: \.isNewline).map(String.init))
        let paths = FileManager.default.enumerator(atPath: Self.root)?.compactMap { $0 as? String } ?? []
        return paths.filter { path in
            var isFolder: ObjCBool = false
            let isThere = FileManager.default.fileExists(atPath: "\(Self.root)/\(path)", isDirectory: &isFolder)
            let names = path.split(separator: "/").map(String.init)
            return isThere && !isFolder.boolValue && !names.contains { ignored.contains($0) || $0 == ".git" || $0.hasPrefix(".build") }
        }
    }
}
