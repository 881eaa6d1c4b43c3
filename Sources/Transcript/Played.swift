public import NIOCore
public import SMTPSession

/// What the player drives: `SessionCodec`, and in tests of the player an engine of a few lines.
public protocol Played {
    mutating func read(_ bytes: ByteBuffer, from side: Side)
    mutating func ended(_ side: Side)
    mutating func receive(_ event: Event, at now: NIODeadline) -> [Action]
    mutating func next(at now: NIODeadline) -> [Action]?
    var deadline: NIODeadline? { get }
    mutating func remains(of side: Side) -> ByteBuffer
}

extension SessionCodec: Played {}
