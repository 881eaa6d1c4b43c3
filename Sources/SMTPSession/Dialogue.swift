public import NIOCore

/// Bytes in, actions out: a session with its two inboxes. The shell and the transcripts drive sessions through this alone.
///
/// Replies before commands; bytes before the end of them; commands only when the session is ready for the next.
public struct Dialogue: Sendable {
    /// When so many of the gateway's octets wait, stop reading it until they are fewer.
    public static let highWater = 64 * 1024

    public private(set) var session: Session

    public init(_ session: Session) { self.session = session }

    /// Takes bytes of the gateway, or of the remote connection that stands now (not of one that was closed or aborted).
    public mutating func read(_ bytes: ByteBuffer, from side: Side) {}

    /// Takes note that a peer will say no more. Heard by the session when its bytes have been consumed.
    public mutating func ended(_ side: Side) {}

    /// Anything that is not bytes: `.opened`, `.connected`, `.closed`, `.profile`, `.tick`, ...
    public mutating func receive(_ event: Event, at now: NIODeadline) -> [Action] { [] }

    /// What the waiting bytes say next; nil when there is nothing more to do. Call it until nil after each read and each event.
    public mutating func next(at now: NIODeadline) -> [Action]? { nil }

    /// The gateway's octets that wait here.
    public var waiting: Int { 0 }

    /// When to send `.tick`; nil: never.
    public var deadline: NIODeadline? { nil }

    /// After `.relay`: what was read of a side but not consumed.
    public mutating func remains(of side: Side) -> ByteBuffer { ByteBuffer() }
}
