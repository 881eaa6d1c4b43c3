/// `BDAT octets [LAST]`. RFC 3030 §2.
public struct Chunk: Hashable, Sendable {
    /// How many octets follow the command's line; never negative.
    public let octets: Int
    public let last: Bool

    public init(octets: Int, last: Bool) {
        self.octets = max(0, octets)
        self.last = last
    }
}
