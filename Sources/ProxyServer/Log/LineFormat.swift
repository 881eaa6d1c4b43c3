public import Rules
import SMTPSession
import SMTPWire

public typealias LineFormat = LogSettings.Format

/// How a line of the log is written: `logfmt` (key=value, quoted where needed) or one JSON object.
extension LineFormat {
    /// The line with its line feed. Whatever a peer sent, it is one line of printable text.
    ///
    /// - Parameter stamp: what stands in front of it, if anything.
    public func render(_ line: Line, _ stamp: Stamp? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        if case .priority = stamp {
            bytes += [UInt8(ascii: "<"), UInt8(ascii: "0") + line.level.priority, UInt8(ascii: ">")]
        }
        switch self {
        case .logfmt: Self.logfmt(line, stamp, into: &bytes)
        case .json: Self.json(line, stamp, into: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private static func logfmt(_ line: Line, _ stamp: Stamp?, into bytes: inout [UInt8]) {
        if case .time(let milliseconds) = stamp {
            bytes += "time=".utf8
            bytes.append(timestamp: milliseconds)
            bytes += " level=".utf8
            bytes += line.level.rawValue.utf8
            bytes.append(UInt8(ascii: " "))
        }
        bytes += "event=".utf8
        bytes += line.event.utf8
        for field in line.fields {
            bytes.append(UInt8(ascii: " "))
            bytes += field.name.utf8
            bytes.append(UInt8(ascii: "="))
            switch field.value {
            case .number(let number): bytes += String(number).utf8
            case .share(let taken, 0): bytes += String(taken).utf8
            case .share(let taken, let refused):
                bytes += String(taken).utf8
                bytes.append(UInt8(ascii: "/"))
                bytes += String(taken + refused).utf8
            case .text(let text): bytes.append(logfmt: text)
            case .paths(let paths):
                if paths.count == 1 { bytes.append(logfmt: "<\(paths[0])>") } else { self.logfmt(paths, into: &bytes) }
            }
        }
    }

    private static func logfmt(_ paths: [String], into bytes: inout [UInt8]) {
        let text = paths.map { "<\($0)>" }.joined(separator: ",")
        bytes.append(logfmt: text, limit: Record.mostRecipients * Line.longestValue)
    }

    private static func json(_ line: Line, _ stamp: Stamp?, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        if case .time(let milliseconds) = stamp {
            bytes += "\"time\":\"".utf8
            bytes.append(timestamp: milliseconds)
            bytes += "\",\"level\":\"".utf8
            bytes += line.level.rawValue.utf8
            bytes += "\",".utf8
        }
        bytes += "\"event\":".utf8
        bytes.append(quoted: line.event)
        for field in line.fields {
            bytes.append(UInt8(ascii: ","))
            bytes.append(quoted: field.name)
            bytes.append(UInt8(ascii: ":"))
            switch field.value {
            case .number(let number): bytes += String(number).utf8
            case .share(let taken, let refused):
                bytes += String(taken).utf8
                if refused > 0 { bytes += ",\"\(field.name)-refused\":\(refused)".utf8 }
            case .text(let text): bytes.append(quoted: text)
            case .paths(let paths):
                bytes.append(UInt8(ascii: "["))
                for (index, path) in paths.enumerated() {
                    if index > 0 { bytes.append(UInt8(ascii: ",")) }
                    bytes.append(quoted: "<\(path)>")
                }
                bytes.append(UInt8(ascii: "]"))
            }
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

extension [UInt8] {
    /// Quoted where it has to be.
    fileprivate mutating func append(logfmt text: String, limit: Int = Line.longestValue) {
        switch Plainness(text, limit) {
        case .bare: self += text.utf8
        case .printable, .other: self.append(quoted: text, limit: limit)
        }
    }

    /// In quotes, escaped as JSON does (RFC 8259 §7), which readers of logfmt understand too.
    fileprivate mutating func append(quoted text: String, limit: Int = Line.longestValue) {
        self.append(UInt8(ascii: "\""))
        switch Plainness(text, limit) {
        case .bare, .printable: self += text.utf8
        case .other: self.append(escaped: text, limit: limit)
        }
        self.append(UInt8(ascii: "\""))
    }

    private mutating func append(escaped text: String, limit: Int) {
        let limit = self.count + limit
        for scalar in text.unicodeScalars {
            guard self.count < limit else {
                self += "…".utf8
                break
            }
            switch scalar {
            case "\"": self += "\\\"".utf8
            case "\\": self += "\\\\".utf8
            case "\n": self += "\\n".utf8
            case "\r": self += "\\r".utf8
            case "\t": self += "\\t".utf8
            // Controls, and what makes a terminal or a reader of lines see something else than what is there.
            case _ where scalar.isUnseen:
                // JSON has no escape for what lies beyond U+FFFF but by surrogates.
                for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                    let digits = String(unit, radix: 16)
                    self += "\\u".utf8
                    self += repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count)
                    self += digits.utf8
                }
            default: if let encoded = UTF8.encode(scalar) { self += encoded }
            }
        }
    }
}

/// What a text needs to be written.
private enum Plainness {
    /// Nothing, in logfmt: not empty, visible ASCII, nothing that means something to a reader of logfmt.
    case bare
    /// Quotes: printable ASCII that needs no escape.
    case printable
    case other

    init(_ text: String, _ limit: Int) {
        var text = text
        self = text.withUTF8 { octets in
            guard octets.count <= limit else { return .other }
            var isBare = !octets.isEmpty
            for octet in octets {
                switch octet {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): return .other
                case 0x20, UInt8(ascii: "="): isBare = false
                case 0x21...0x7e: break
                default: return .other
                }
            }
            return isBare ? .bare : .printable
        }
    }
}
