/// One line of the log: a constant event name and fields in a fixed order (INTERFACE.md, "The log").
public struct Line: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case text(String)
        case number(Int)
    }

    public struct Field: Hashable, Sendable {
        public let name: String
        public let value: Value
    }

    /// Octets of a value; what is beyond is cut off. Replies and addresses come from peers.
    public static let longestValue = 1024

    public let event: String
    public private(set) var fields: [Field] = []

    public init(_ event: String) {
        self.event = event
    }

    public mutating func add(_ name: String, _ text: String) {
        self.fields.append(Field(name: name, value: .text(text)))
    }

    public mutating func add(_ name: String, _ number: Int) {
        self.fields.append(Field(name: name, value: .number(number)))
    }

    public func with(_ name: String, _ text: String) -> Line {
        var line = self
        line.add(name, text)
        return line
    }

    public func with(_ name: String, _ number: Int) -> Line {
        var line = self
        line.add(name, number)
        return line
    }
}
