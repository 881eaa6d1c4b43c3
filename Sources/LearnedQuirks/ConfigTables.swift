import QuirkKit
import SMTPWire

/// What is known as tables of the config file (README.md): `[address."192.0.2.1"]` with port, quirks and the evidence. Of several ports of one
/// address each has a table, `[[address."192.0.2.1"]]`: a header in single brackets may stand in a file only once.
enum ConfigTables {
    static func render(_ entries: [Learned]) -> String {
        let known = entries.compactMap { entry in RemoteAddress(entry.remote).map { (remote: $0, entry: entry) } }
        let addresses = Dictionary(grouping: known) { $0.remote.address }.sorted { $0.key < $1.key }
        return addresses.flatMap { address, known in
            let ports = Dictionary(grouping: known) { $0.remote.port ?? 25 }.sorted { $0.key < $1.key }
            let header = "address.\(self.string(address))"
            return ports.map { port, known in
                self.table(ports.count > 1 ? "[[\(header)]]" : "[\(header)]", port, known.map(\.entry).sorted { $0.quirk.name < $1.quirk.name })
            }
        }.joined(separator: "\n")
    }

    private static func table(_ header: String, _ port: Int, _ entries: [Learned]) -> String {
        """
        \(header)
        port = \(port)
        quirks = [\(entries.flatMap { self.quirks($0.quirk) }.joined(separator: ", "))]
        because = \(self.string(entries.map(\.because).joined(separator: " | ")))

        """
    }

    private static func quirks(_ quirk: QuirkSetting) -> [String] {
        quirk.each.map { options in
            guard !options.isEmpty else { return self.string(quirk.name) }
            let pairs = options.sorted { $0.key < $1.key }.map { "\(self.key($0.key)) = \(self.value($0.value))" }
            return "{ name = \(self.string(quirk.name)), \(pairs.joined(separator: ", ")) }"
        }
    }

    private static func value(_ value: OptionValue) -> String {
        switch value {
        case .integer(let value): "\(value)"
        case .string(let value): self.string(value)
        case .boolean(let value): "\(value)"
        case .pattern(let value): self.string(value.text)
        case .strings(let values): "[\(values.map(self.string).joined(separator: ", "))]"
        case .seconds(let value): "\"\(value)s\""
        }
    }

    private static func key(_ text: String) -> String {
        let isBare =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
        return isBare ? text : self.string(text)
    }

    /// A basic string, TOML 1.0: quotation mark, backslash and what a terminal does not show are escaped.
    static func string(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22, 0x5C: escaped.append(contentsOf: ["\\", scalar])
            case 0x09: escaped.append(contentsOf: "\\t".unicodeScalars)
            case 0x0A: escaped.append(contentsOf: "\\n".unicodeScalars)
            case _ where scalar.isUnseen: escaped.append(contentsOf: scalar.escaped.unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return "\"\(String(escaped))\""
    }
}
