import SMTPWire

/// How a line of the log is written: `logfmt` (key=value, quoted where needed) or one JSON object.
public enum LineFormat: String, Hashable, Sendable, CaseIterable {
    case logfmt, json

    /// The line with its line feed. Whatever a peer sent, it is one line of printable text.
    public func render(_ line: Line) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        switch self {
        case .logfmt: Self.logfmt(line, into: &bytes)
        case .json: Self.json(line, into: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private static func logfmt(_ line: Line, into bytes: inout [UInt8]) {
        bytes += "event=".utf8
        bytes += line.event.utf8
        for field in line.fields {
            bytes.append(UInt8(ascii: " "))
            bytes += field.name.utf8
            bytes.append(UInt8(ascii: "="))
            switch field.value {
            case .number(let number): bytes += String(number).utf8
            case .text(let text) where self.isBare(text): bytes += text.utf8
            case .text(let text): self.quote(text, into: &bytes)
            }
        }
    }

    private static func json(_ line: Line, into bytes: inout [UInt8]) {
        bytes += "{\"event\":".utf8
        self.quote(line.event, into: &bytes)
        for field in line.fields {
            bytes.append(UInt8(ascii: ","))
            self.quote(field.name, into: &bytes)
            bytes.append(UInt8(ascii: ":"))
            switch field.value {
            case .number(let number): bytes += String(number).utf8
            case .text(let text): self.quote(text, into: &bytes)
            }
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Whether logfmt needs no quotes: not empty, visible ASCII, nothing that means something to a reader of logfmt.
    private static func isBare(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= Line.longestValue
            && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "\\") }
    }

    /// In quotes, escaped as JSON does (RFC 8259 §7), which readers of logfmt understand too.
    private static func quote(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        let limit = bytes.count + Line.longestValue
        for scalar in text.unicodeScalars {
            guard bytes.count < limit else {
                bytes += "…".utf8
                break
            }
            switch scalar {
            case "\"": bytes += "\\\"".utf8
            case "\\": bytes += "\\\\".utf8
            case "\n": bytes += "\\n".utf8
            case "\r": bytes += "\\r".utf8
            case "\t": bytes += "\\t".utf8
            // Controls, and what makes a terminal or a reader of lines see something else than what is there.
            case _ where scalar.isUnseen:
                // JSON has no escape for what lies beyond U+FFFF but by surrogates.
                for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                    let digits = String(unit, radix: 16)
                    bytes += "\\u".utf8
                    bytes += repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count)
                    bytes += digits.utf8
                }
            default: bytes += UTF8.encode(scalar).map(Array.init) ?? []
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
