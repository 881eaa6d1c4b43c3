/// A transcript that cannot be read: where, and what would be right.
public struct TranscriptError: Error, Hashable, Sendable, CustomStringConvertible {
    public let file: String
    /// From 1.
    public let line: Int
    public let fault: Fault

    public enum Fault: Hashable, Sendable {
        case unreadable(String)
        case notUTF8
        case carriageReturn
        case noEndOfHeader
        case noTitle
        case unknownKey(String)
        case twice(key: String)
        case badValue(key: String, value: String, wanted: String)
        case unknownQuirk(String)
        case unknownOption(quirk: String, option: String)
        case unknownLine(String)
        case noSpace(String)
        case badEscape(String)
        case badAmount(String)
        case badDuration(String)
        case unknownEvent(String)
        case badTrace(String)
        case wrongConnection(written: Int, expected: Int)
        case noConnection
        case notAsked(Int)
        case badHandshake(String)
        case noHandshake(String)
        case empty
    }

    public init(file: String, line: Int, fault: Fault) {
        self.file = file
        self.line = line
        self.fault = fault
    }

    public var description: String { "\(self.file):\(self.line): \(self.fault)" }
}

extension TranscriptError.Fault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let reason): "cannot be read: \(reason)"
        case .notUTF8: "is not UTF-8; write other octets as C| or S| with \\x escapes"
        case .carriageReturn: "the file itself has LF line ends; every line said gets its CRLF by itself, and C| or S| say any other octets"
        case .noEndOfHeader: "the header ends in a line of three hyphens, which is missing"
        case .noTitle: "the header needs a line \"title: …\""
        case .unknownKey(let key): "unknown key \"\(key)\" in the header; known are \(Header.keys.joined(separator: ", "))"
        case .twice(let key): "\"\(key)\" is set twice"
        case .badValue(let key, let value, let wanted): "\"\(key): \(value)\" is not \(wanted)"
        case .unknownQuirk(let name): "no quirk \"\(name)\" in the catalogue"
        case .unknownOption(let quirk, let option): "quirk \"\(quirk)\" has no such option or value: \(option)"
        case .unknownLine(let line): "\"\(line)\" begins with none of C: S: C= S= C| S| C* S* >C >S @ ! ~ % #"
        case .noSpace(let start): "a space belongs after \"\(start)\""
        case .badEscape(let text): "\"\(text)\" is no escape; known are \\r \\n \\t \\0 \\\\ \\xHH"
        case .badAmount(let text): "\"\(text)\" is not \"N octets\", \"N octets of binary\" or \"N times \"…\"\""
        case .badDuration(let text): "\"\(text)\" is not a length of time such as 200ms, 5s, 10m or 24h"
        case .unknownEvent(let text): "\"! \(text)\" is no event; README.md of Sources/Transcript lists them"
        case .badTrace(let text): "\"~ \(text)\" is no trace: a name, then key=value, with quotes around a value with spaces"
        case .wrongConnection(let written, let expected): "#\(written): the next connection would be #\(expected)"
        case .noConnection: "no connection to the remote stands here"
        case .notAsked(let number): "nothing asked for #\(number): write \"! #\(number) asked\" where it is asked for"
        case .badHandshake(let text):
            "\"% TLS \(text)\" is none of: C or S, then \"legacy\" at will, then facts, \"asked\", \"stands\" or \"fails: closed\""
        case .noHandshake(let leg): "no TLS was asked for on \(leg): write \"% TLS \(leg) asked\" where it is asked for"
        case .empty: "nothing is said in it"
        }
    }
}
