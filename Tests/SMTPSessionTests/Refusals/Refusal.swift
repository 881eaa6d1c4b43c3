import Foundation
import Testing
import Transcript

/// One reply of the corpus, with the moments at which hosts say it.
struct Refusal: Sendable, CustomTestStringConvertible {
    let moments: [Play.Moment]
    /// Lines parted by "\n"; `\xHH` is an octet.
    let text: String
    let file: String
    let line: Int
    var testDescription: String { self.text }

    /// All of Replies/*.txt.
    static let all: [Refusal] = {
        let folder = TranscriptFile.folder(0, above: #filePath) + "/Replies"
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            $0.hasSuffix(".txt")
        }.sorted()
        return files.flatMap { file in
            let text = (try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)) ?? ""
            return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
                Refusal($1, file: file, line: $0 + 1)
            }
        }
    }()

    /// `MOMENTS REPLY`; nil for a comment and an empty line.
    init?(_ line: Substring, file: String, line number: Int) {
        guard !line.hasPrefix("#"), let space = line.firstIndex(of: " ") else { return nil }
        self.moments = line[..<space].compactMap { Play.Moment(rawValue: $0) }
        self.text = String(line[space...].drop { $0 == " " }).replacing("\\n", with: "\n")
        (self.file, self.line) = (file, number)
    }

    /// As it comes over the wire.
    static func octets(of text: String) -> [UInt8] {
        var octets: [UInt8] = []
        var rest = text[...]
        while let escape = rest.range(of: "\\x") {
            octets += rest[..<escape.lowerBound].utf8
            octets += UInt8(rest[escape.upperBound...].prefix(2), radix: 16).map { [$0] } ?? []
            rest = rest[escape.upperBound...].dropFirst(2)
        }
        return octets + rest.utf8
    }

    /// What hosts that mean it for now say, where this one means it for good, and the other way round: `550 5.7.1` for
    /// `450 4.7.1`.
    /// Nil where that would be another thing: 421 closes, 503 is about order, others are about syntax.
    var ofOtherClass: String? {
        let lines = self.text.split(separator: "\n").map(String.init)
        guard let code = Int(self.text.prefix(3)), [450, 451, 452, 550, 552, 554].contains(code) else { return nil }
        let other = [450: 550, 451: 554, 452: 552, 550: 450, 552: 452, 554: 451][code] ?? code
        return lines.map { line in
            let rest = line.dropFirst(3)
            let enhanced = rest.dropFirst().prefix(2)
            guard enhanced == "4." || enhanced == "5." else { return "\(other)\(rest)" }
            return "\(other)\(rest.prefix(1))\(other / 100)\(rest.dropFirst(2))"
        }.joined(separator: "\n")
    }
}

/// A reply of the counter-corpus: it does ask for a repair.
struct AskedRepair: Sendable, CustomTestStringConvertible {
    let moment: Play.Moment
    let condition: Play.Condition
    let quirk: String
    let reply: String
    var testDescription: String { self.reply }

    /// All of Repairs.txt: `MOMENT WHEN QUIRK REPLY`.
    static let all: [AskedRepair] = {
        let path = TranscriptFile.folder(0, above: #filePath) + "/Repairs.txt"
        return ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 3)
            guard !line.hasPrefix("#"), words.count == 4, let moment = words[0].first.flatMap(Play.Moment.init),
                let when = Play.Condition(rawValue: String(words[1]))
            else { return nil }
            return AskedRepair(
                moment: moment, condition: when, quirk: String(words[2]), reply: String(words[3].drop { $0 == " " }))
        }
    }()
}
