import Foundation

/// What a text says of other files: documents by name, files by path, the machine that it was written on.
struct References {
    /// Paths from the root of all there is.
    private let files: Set<String>
    private let names: Set<String>

    init(files: [String]) {
        self.files = Set(files)
        self.names = Set(files.compactMap { $0.split(separator: "/").last.map(String.init) })
    }

    /// Documents and files that are named and are not there: names that end in ".md", paths into this repository's folders, targets of Markdown links.
    /// - Parameter file: where the text stands; links are relative to it.
    func missing(in text: String, of file: String) -> [String] {
        text.split(whereSeparator: \.isNewline).flatMap { line -> [String] in
            let words = Self.kinds.contains { line.contains($0) } ? Self.words(of: line) : []
            return words.filter { !self.isThere($0, from: file) } + (file.hasSuffix(".md") ? self.brokenLinks(in: line, of: file) : [])
        }
    }

    private static let folders = ["Sources/", "Plugins/", "Tests/", "docs/", "scripts/"]
    static let kinds = [".md", ".swift", ".smtp"]

    /// What looks like the path of a file, without URLs.
    private static func words(of line: Substring) -> [String] {
        line.split { !$0.isLetter && !$0.isNumber && !"_-+./:*\\$(){}<>…".contains($0) }.flatMap { word -> [String] in
            guard !word.contains("://"), !word.contains(where: { "*\\$…<>".contains($0) }) else { return [] }
            return word.split { "():{}".contains($0) }.map { part in
                String(part.drop { $0 == "." && !part.hasPrefix("../") && !part.hasPrefix("./") })
            }
        }.map { word in
            var word = word[...]
            while let last = word.last, ".-/".contains(last) { word.removeLast() }
            return String(word)
        }.filter { word in
            word.hasSuffix(".md") && word.count > 3 || (Self.folders.contains { word.hasPrefix($0) } && Self.kinds.contains { word.hasSuffix($0) })
        }
    }

    /// From the root, from the folder of the file, from the end of a path ("MessageLimit/README.md"), or by its bare name.
    private func isThere(_ path: String, from file: String) -> Bool {
        if self.files.contains(path) || self.files.contains(Self.resolved(path, from: file)) { return true }
        return path.contains("/") ? self.files.contains { $0.hasSuffix("/\(path)") } : self.names.contains(path)
    }

    private func brokenLinks(in line: Substring, of file: String) -> [String] {
        line.components(separatedBy: "](").dropFirst().compactMap { rest in
            let target = rest.prefix { $0 != ")" && $0 != "#" && $0 != " " }
            guard !target.isEmpty, !target.contains("://"), !target.hasPrefix("mailto:") else { return nil }
            let path = Self.resolved(String(target), from: file)
            let isThere = path.isEmpty || self.files.contains(path) || self.files.contains { $0.hasPrefix("\(path)/") }
            return isThere ? nil : String(target)
        }
    }

    /// From the root, without "..".
    private static func resolved(_ path: String, from file: String) -> String {
        var parts = file.split(separator: "/").dropLast().map(String.init)
        for part in path.split(separator: "/") {
            switch part {
            case ".": break
            case "..": _ = parts.popLast()
            default: parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }

    /// Absolute paths below the home of whoever wrote it, or below a working folder: they are nowhere else.
    static func machinePaths(in text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).flatMap { line in
            Self.homes.flatMap { home -> [String] in
                line.ranges(of: home).compactMap { range in
                    // Behind a path or a variable it is a part of that.
                    let before = range.lowerBound > line.startIndex ? line[line.index(before: range.lowerBound)] : " "
                    guard !before.isLetter, !before.isNumber, !")}]_.-/".contains(before) else { return nil }
                    return String(line[range.lowerBound...].prefix { !$0.isWhitespace && !"\"'`)".contains($0) })
                }
            }
        }
    }

    private static let homes = ["work", "root", "Users"].map { "/\($0)/" }
}
