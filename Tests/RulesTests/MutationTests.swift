import Rules
import Testing

/// Whatever a file holds, it is read or its mistakes are told; nothing crashes.
@Suite struct MutationTests {
    @Test("Random mutations of the example", arguments: 0..<8)
    func mutations(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let original = Array(interfaceExample.utf8)
        let pieces = Array("[]{}\"'=.,#\n\\*:/-0 é\u{0}".utf8) + [0xff, 0x80]
        var fine = 0
        for _ in 0..<400 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.removeSubrange(place..<end)
                case 1: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
                case 2: bytes.insert(pieces.randomElement(using: &random) ?? 0, at: place)
                default: bytes.replaceSubrange(place..<end, with: bytes[place..<end].reversed())
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let errors = mistakes(in: text, reading: futureConfig)
            if errors.isEmpty { fine += 1 }
            #expect(errors.allSatisfy { $0.hasPrefix("c.toml:") && !$0.hasSuffix(": ") })
        }
        // Neither is everything accepted nor nothing: mutations in comments do no harm.
        #expect((1..<400).contains(fine))
    }

    @Test("Swapped values: each value in the place of each other")
    func swaps() {
        let lines = interfaceExample.split(separator: "\n").map { $0.split(separator: "#").first.map(String.init) ?? "" }.filter {
            $0.contains(" = ")
        }
        for (number, line) in lines.enumerated() {
            let key = line.prefix { $0 != "=" }
            for other in lines {
                let value = other.drop { $0 != "=" }
                let swapped = interfaceExample.replacing(lines[number], with: key + value)
                let errors = mistakes(in: swapped, reading: futureConfig)
                if other == line { #expect(errors.isEmpty) }
            }
        }
    }

    @Test(
        "A key of very many parts, an array within arrays, and what they hide behind",
        arguments: [
            "\(parts(100_000)) = 1", "[\(parts(100_000))]", "a = { \(parts(100_000)) = 1 }", "a = \"\"\"x\"\"\"\"\n\(parts(100_000)) = 1",
            "a = { x = \"\"\"y\"\"\"\"\", \(parts(100_000)) = 1 }", "a = '\\'\n\(parts(100_000)) = 1", "a = \"\\\"\"\n\(parts(100_000)) = 1",
            "a = \(String(repeating: "[", count: 100_000))", "a = \(String(repeating: "{ a = ", count: 100_000))",
        ])
    func deep(_ text: String) {
        #expect(mistakes(in: text).first?.contains("not TOML: ") == true)
    }

    @Test("Dots in strings, comments and numbers are not counted")
    func dots() {
        let dots = String(repeating: ".", count: 1000)
        #expect(mistakes(in: "# \(dots)\n[default]\nbecause = \"\(dots) \\\" \(dots)\"\n") == [])
        #expect(
            mistakes(
                in:
                    "[default]\nbecause = '\(dots)'\n[domain.\"a\"]\nbecause = \"\"\"\n\(dots)\n\"\" \(dots)\"\"\"\n[host.b]\nbecause = '''\(dots)''\n'''\n"
            ) == [])
    }
}

private func parts(_ count: Int) -> String { Array(repeating: "a", count: count).joined(separator: ".") }
