/// One thing that went otherwise than written.
public struct Failure: Hashable, Sendable, CustomStringConvertible {
    public let file: String
    public let line: Int
    public let manner: Manner
    public let expected: String
    public let heard: String

    init(file: String, line: Int, manner: Manner, expected: String, heard: String) {
        self.file = file
        self.line = line
        self.manner = manner
        self.expected = expected
        self.heard = heard
    }

    init(_ error: TranscriptError, manner: Manner) {
        self.init(file: error.file, line: error.line, manner: manner, expected: "a transcript that can be played", heard: error.fault.description)
    }

    public var description: String { "\(self.file):\(self.line): expected \(self.expected), heard \(self.heard) (\(self.manner))" }
}
