import SMTPWire

/// Everything that is wrong with a config file, in the order of its lines.
public struct ConfigErrors: Error, Hashable, Sendable, CustomStringConvertible {
    public let errors: [ConfigError]

    public init(_ errors: [ConfigError]) { self.errors = errors }

    /// One error a line.
    public var description: String { self.errors.map(\.description).joined(separator: "\n") }
}

/// One mistake in a config file, and what would be right.
public struct ConfigError: Hashable, Sendable, CustomStringConvertible {
    public let file: String
    /// From 1; 0 where the file as a whole is meant.
    public let line: Int
    /// In code points, from 1; 0 where the file as a whole is meant.
    public let column: Int
    /// The key with its tables, "listener.bind"; empty where there is none.
    public let key: String
    public let message: String

    public init(file: String, line: Int, column: Int, key: String, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        self.message = message
    }

    /// `mailshim.toml:12:5: listener.bnd: unknown key; did you mean "bind"?`
    public var description: String {
        let place = self.line > 0 ? "\(self.file):\(self.line):\(self.column): " : "\(self.file): "
        return (place + (self.key.isEmpty ? "" : "\(self.key): ") + self.message).printable
    }
}
