/// What became of a hand-over.
public enum HandOverOutcome: Hashable, Sendable {
    /// The successor's process listens; how long it took to.
    case done(Int32, milliseconds: Int)
    /// Nothing has happened, and why.
    case failed(String)
}
