public import Rules

/// One line of the log: a constant event name and fields in a fixed order (docs/log.md).
public struct Line: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case text(String)
        case number(Int)
        /// Of so many recipients how many were taken: `2`, or `1/2` where others were refused. In JSON two numbers, so that a field keeps its type.
        case share(Int, refused: Int)
        /// Addresses: `<a@b>,<c@d>`; in JSON a list.
        case paths([String])
    }

    public struct Field: Hashable, Sendable {
        public let name: String
        public let value: Value
    }

    /// Octets of a value; what is beyond is cut off. Replies and addresses come from peers.
    public static let longestValue = 1024

    public let event: String
    public var level: LogSettings.Level
    public private(set) var fields: [Field] = []

    public init(_ event: String, _ level: LogSettings.Level = .info) {
        self.event = event
        self.level = level
        self.fields.reserveCapacity(20)
    }

    public mutating func add(_ name: String, _ value: Value) {
        self.fields.append(Field(name: name, value: value))
    }

    public mutating func add(_ name: String, _ text: String) { self.add(name, .text(text)) }

    public mutating func add(_ name: String, _ number: Int) { self.add(name, .number(number)) }

    public consuming func with(_ name: String, _ value: Value) -> Line {
        self.add(name, value)
        return self
    }

    public consuming func with(_ name: String, _ text: String) -> Line { self.with(name, .text(text)) }

    public consuming func with(_ name: String, _ number: Int) -> Line { self.with(name, .number(number)) }

    /// The same, its fields rewritten; nil: the field goes.
    func mapFields(_ transform: (Field) -> Field?) -> Line {
        var line = self
        line.fields = self.fields.compactMap(transform)
        return line
    }
}
