import NIOCore

/// A new receive buffer for every read, so that a channel at rest holds none but its first, small one.
///
/// NIO would keep up to four buffers a channel, each grown to 64 KB, until the channel closes.
/// Leans on NIOPooledRecvBufferAllocator: no size hint and "may grow" make it allocate. A memory test guards this.
struct UnpooledReceive: RecvByteBufferAllocator {
    private var size = 512

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer { allocator.buffer(capacity: self.size) }

    func nextBufferSize() -> Int? { nil }

    mutating func record(actualReadBytes count: Int) -> Bool {
        self.size = count >= self.size ? 65_536 : 16_384
        return true
    }
}
