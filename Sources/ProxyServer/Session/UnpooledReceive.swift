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
        // Large reads cost fewer turns; just below what malloc would map and unmap each time.
        self.size = count >= self.size ? 130_048 : 16_384
        return true
    }
}
