import Foundation
import Rules
import Testing

/// mailshim.toml(5) is made of mailshim.example.toml: so that has every key that the reader knows.
@Suite struct ExampleKeysTests {
    private static let example = {
        let path = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/mailshim.example.toml"
        return (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }()

    /// What the reader says of a key that it does not know names those that it does.
    private func known(in header: String) -> [String] {
        do throws(ConfigErrors) {
            _ = try config(header + "\nzz9 = 1\n")
            return []
        } catch {
            let fault = error.errors.first { $0.key.hasSuffix("zz9") }
            return fault?.message.split(separator: "known here: ").last?.split(separator: ", ").map(String.init) ?? []
        }
    }

    @Test(arguments: [
        "", "[[listener]]", "[learning]", "[default]", "[domain.\"a.example\"]", "[host.\"a.example\"]", "[address.\"192.0.2.1\"]", "[timeouts]",
        "[limits]", "[log]", "[content]",
    ])
    func everyKeyOfTheReaderIsInTheExample(_ header: String) {
        let known = self.known(in: header)
        #expect(!known.isEmpty)
        let lines = Self.example.split(separator: "\n").map { $0.drop { $0 == "#" || $0 == " " } }
        for key in known {
            let isThere = lines.contains { line in
                line.hasPrefix("\(key) =") || line.hasPrefix("[\(key)]") || line.hasPrefix("[\(key).") || line.hasPrefix("[[\(key)]]") || line.contains(" \(key) = ")
            }
            #expect(isThere, "\(header) \(key)")
        }
    }
}
