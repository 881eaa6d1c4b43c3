import NIOCore

/// A new receive buffer for every read, so that a channel at rest holds none but its first, small one.
///
/// Commands come in reads of 16 KB: what one brings is one session's work in a turn. While mail data flows the reads grow, which saves turns. What was read and
/// is not taken by the other peer waits in memory, so whoever pauses reading begins anew.
///
/// NIO would keep up to four buffers a channel, each grown to 64 KB, until the channel closes.
/// Leans on NIOPooledRecvBufferAllocator: no size hint and "may grow" make it allocate. A memory test guards this.
struct UnpooledReceive: RecvByteBufferAllocator {
    static let ofCommands = UnpooledReceive(size: 16_384, within: 16_384...16_384)
    static let ofContent = UnpooledReceive(size: 65_536, within: 16_384...524_288)

    private var size: Int
    private let range: ClosedRange<Int>

    /// Of a new connection, which may well come to rest soon.
    init() { self.init(size: 128, within: Self.ofCommands.range) }

    private init(size: Int, within range: ClosedRange<Int>) { (self.size, self.range) = (size, range) }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer { allocator.buffer(capacity: self.size) }

    func nextBufferSize() -> Int? { nil }

    mutating func record(actualReadBytes count: Int) -> Bool {
        let next = count >= self.size ? self.size * 2 : count <= self.size / 2 ? self.size / 2 : self.size
        self.size = min(max(next, self.range.lowerBound), self.range.upperBound)
        return true
    }
}

extension ByteBuffer {
    /// Itself, or a copy where it is a small part of its storage: what the peer may leave waiting must not keep a whole receive buffer for each few octets.
    var unpinned: ByteBuffer {
        self.storageCapacity > 512 && self.storageCapacity / 16 > self.readableBytes ? ByteBuffer(bytes: self.readableBytesView) : self
    }
}
