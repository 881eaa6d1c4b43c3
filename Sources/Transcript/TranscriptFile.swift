public import QuirkKit

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One `.smtp` file in a folder: a named case for `@Test(arguments:)`.
public struct TranscriptFile: Hashable, Sendable, CustomStringConvertible {
    public let path: String
    /// Relative to the folder that was searched.
    public let name: String

    public var description: String { self.name }

    public init(path: String, name: String) {
        self.path = path
        self.name = name
    }

    /// All `.smtp` files in a folder and in the folders within it, by name. No such folder: none.
    public static func all(in folder: String) -> [TranscriptFile] {
        Self.paths(folder).map { TranscriptFile(path: $0, name: String($0.dropFirst(folder.utf8.count + 1))) }
    }

    /// The same for `Plugins/*/Transcripts`: `all(inEach: "Transcripts", of: "…/Plugins")`.
    public static func all(inEach name: String, of folder: String) -> [TranscriptFile] {
        Self.entries(of: folder).flatMap { entry in
            Self.paths("\(folder)/\(entry)/\(name)").map { TranscriptFile(path: $0, name: String($0.dropFirst(folder.utf8.count + 1))) }
        }
    }

    /// The folder some levels above a source file: `folder(2, above: #filePath)` of Tests/PluginTests/Folder.swift is the package.
    public static func folder(_ levels: Int, above path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).dropLast(levels + 1).joined(separator: "/")
    }

    public func read() throws(TranscriptError) -> Transcript {
        guard let file = fopen(self.path, "r") else {
            throw TranscriptError(file: self.path, line: 1, fault: .unreadable(String(cString: strerror(errno))))
        }
        defer { fclose(file) }
        var octets: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            guard count > 0 else { break }
            octets += piece.prefix(count)
        }
        guard let text = String(validating: octets, as: UTF8.self) else {
            throw TranscriptError(file: self.path, line: 1, fault: .notUTF8)
        }
        return try Transcript(parsing: text, file: self.path)
    }

    /// Plays it in every manner. Empty: all went as written, in every manner to the same effect.
    public func failures(catalogue: [any Quirk]) -> [Failure] {
        do { return try self.read().failures(catalogue: catalogue) } catch {
            return [Failure(error, manner: .whole)]
        }
    }

    private static func paths(_ folder: String) -> [String] {
        Self.entries(of: folder).flatMap { entry in
            let path = "\(folder)/\(entry)"
            return entry.hasSuffix(".smtp") ? [path] : Self.paths(path)
        }
    }

    private static func entries(of folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}

extension Transcript {
    /// Plays it in every manner that its header allows.
    public func failures(catalogue: [any Quirk]) -> [Failure] { self.failures { self.play($0, catalogue: catalogue) } }

    /// The same, played by a play of another kind.
    public func failures(_ play: (Manner) -> Outcome) -> [Failure] {
        var first: Outcome?
        for manner in self.manners {
            let outcome = play(manner)
            guard outcome.failures.isEmpty else { return outcome.failures }
            if let difference = first?.difference(to: outcome) {
                return [Failure(file: self.file, line: 1, manner: manner, expected: "what it came to when \(Manner.whole)", heard: difference)]
            }
            first = first ?? outcome
        }
        return []
    }
}
