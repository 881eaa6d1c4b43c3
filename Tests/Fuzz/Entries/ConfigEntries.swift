import LearnedQuirks
import QuirkKit
import Rules
import StandardQuirks

/// Octets of any kind into everything that reads files of operators. Nil: all is well; else what is wrong.
enum FileEntries {
    /// A config file: it is read, or each mistake has its line and its words.
    static func config(_ octets: [UInt8]) -> String? {
        guard let text = String(validating: octets, as: UTF8.self) else { return nil }
        let lines = 1 + octets.count { $0 == 0x0A }
        do throws(ConfigErrors) { _ = try Self.read(text) } catch {
            if error.errors.isEmpty { return "it is wrong, and nothing is said" }
            for fault in error.errors {
                if !(0...lines).contains(fault.line) { return "line \(fault.line) of \(lines): \(fault)" }
                if fault.message.isEmpty { return "line \(fault.line): no words" }
                if fault.description.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
                    return "line \(fault.line): control characters in \(fault)"
                }
            }
        }
        return nil
    }

    /// What `mailshim learned import` reads: exported, and read again, it is the same.
    static func learned(_ octets: [UInt8]) -> String? {
        guard let text = String(validating: octets, as: UTF8.self), let rules = try? Self.read(text).rules else {
            return nil
        }
        let entries = Self.entries(of: rules)
        let exported = LearnedFile.tables(of: entries)
        do throws(ConfigErrors) {
            let again = Self.entries(of: try Self.read(exported).rules)
            guard Self.said(of: entries) == Self.said(of: again) else {
                return "exported it says something else:\n\(exported)"
            }
            return nil
        } catch {
            return "exported it cannot be read: \(error)\n\(exported)"
        }
    }

    private static func read(_ text: String) throws(ConfigErrors) -> Config {
        try Config(parsing: text, path: "x.toml", quirks: StandardQuirks.descriptions, hostname: "shim.example")
    }

    /// As the command does it.
    private static func entries(of rules: RuleSet) -> [Learned] {
        rules.addressTables.flatMap { table in
            guard let address = table.range.only else { return [Learned]() }
            let remote = SocketEndpoint(host: address.description, port: table.port ?? 25).description
            return table.quirks.map {
                .imported(
                    remote: remote, quirk: $0, because: table.source.because ?? "", now: 1_800_000_000, lifetime: 86_400
                )
            }
        }
    }

    /// Of one remote and quirk the last word counts, as in the store; the evidence of one table's quirks is joined when
    /// it is written.
    private static func said(of entries: [Learned]) -> [String: QuirkSetting] {
        Dictionary(entries.map { ("\($0.remote) \($0.quirk.name)", $0.quirk) }) { $1 }
    }
}
