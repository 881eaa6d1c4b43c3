/// A place in a config file: line and column, in code points, from 1.
public struct FilePosition: Hashable, Sendable {
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) { (self.line, self.column) = (line, column) }
}
